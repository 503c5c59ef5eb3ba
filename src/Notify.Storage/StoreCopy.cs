using System.Collections.Immutable;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Storage;

/// <summary>The whole state of a store as of a revision; nobody changes it any more.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Types">The types declared then.</param>
/// <param name="Objects">The objects, each once.</param>
internal sealed record StoreCopy(long Revision, ImmutableArray<TypeDeclaration> Types, IReadOnlyCollection<Envelope> Objects)
{
    public StoreSnapshot ToSnapshot() => new(Revision, Types, Objects.ToAsyncEnumerable());
}
