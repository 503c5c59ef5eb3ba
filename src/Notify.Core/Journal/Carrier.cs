using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>
/// What one session (or this node itself, or its upstream) says of dynamic objects. Objects live as long as a carrier has them. Guarded by
/// the lock of its mirror.
/// </summary>
internal sealed class Carrier(long notifyId, Origin origin)
{
    /// <summary>The NotifyId of the session; 0 for the node's own objects and for its upstream.</summary>
    public long NotifyId { get; } = notifyId;

    public Origin Origin { get; } = origin;

    /// <summary>The keys this carrier has a candidate for.</summary>
    public HashSet<ObjectId> Keys { get; } = [];

    /// <summary>How many objects it has of each owner that are kept when that is gone.</summary>
    public Dictionary<string, int> KeptOf { get; } = new(StringComparer.Ordinal);

    /// <summary>The upstream knows a newer session of the node elsewhere: what comes of that replaces what is here.</summary>
    public bool IsPast { get; set; }

    /// <summary>Types of which the session has said from the beginning what it has: what older ones have beside that is nothing it went on from.</summary>
    public HashSet<string> SaidWhole { get; } = new(StringComparer.Ordinal);

    /// <summary>What it did not say when it said everything anew. Gone, once that was all.</summary>
    public HashSet<ObjectId> Doubtful { get; } = [];

    /// <summary>Types of which it has yet to say that what it said is all. While there are any, the next session cannot go on from here.</summary>
    public HashSet<string> Unready { get; } = new(StringComparer.Ordinal);

    /// <summary>Revision of the sender's space up to which the carrier is committed; where its next session may resume.</summary>
    public long SenderRevision { get; set; }

    /// <summary>The sender's space, to tell whether <see cref="SenderRevision"/> still means something.</summary>
    public Space? SenderSpace { get; set; }
}
