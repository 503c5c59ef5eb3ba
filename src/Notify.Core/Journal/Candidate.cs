using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>The latest version of a dynamic object that one carrier brought.</summary>
/// <param name="Carrier">Whose it is.</param>
/// <param name="Envelope">The version, with the owner's stamp.</param>
/// <param name="Revision">The revision of this node's dynamic space in which it came.</param>
internal sealed record Candidate(Carrier Carrier, Envelope Envelope, long Revision);
