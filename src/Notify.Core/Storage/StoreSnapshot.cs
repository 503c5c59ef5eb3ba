using System.Collections.Immutable;
using Notify.Core.Types;

namespace Notify.Core.Storage;

/// <summary>The state of a store at one revision.</summary>
/// <param name="Revision">The revision; a watch after it goes on without a loss or a repeat.</param>
/// <param name="Declarations">
/// The types as they were declared at this revision: which references count is a part of the state, as objects are.
/// </param>
/// <param name="Objects">
/// Every object exactly once, in no order, with the revision of its version. Can be enumerated once. Throws
/// <see cref="CompactedException"/> if the store is compacted beyond <paramref name="Revision"/> before it was read to the end.
/// </param>
public sealed record StoreSnapshot(long Revision, ImmutableArray<TypeDeclaration> Declarations, IAsyncEnumerable<Envelope> Objects);
