namespace Notify.Core.Types;

/// <summary>
/// Says whose dynamic object this is and how new: carried end to end, so that any hub can tell a late frame of an old session
/// from the owner's latest word. Ordered by attachment, then by the owner's revision; stamps of different nodes have no order.
/// </summary>
/// <param name="Node">Name of the owner.</param>
/// <param name="Attachment">The number of the owner's session that sent it; each new session of a node has a higher one.</param>
/// <param name="Revision">Revision in the owner's dynamic space.</param>
public readonly record struct Stamp(string Node, long Attachment, long Revision)
{
    /// <summary>True when this stamp is of the same node and older than <paramref name="other"/>.</summary>
    public bool IsOlderThan(Stamp other) =>
        Node == other.Node
        && (Attachment < other.Attachment || (Attachment == other.Attachment && Revision < other.Revision));
}
