using Notify.Core.Types;

namespace Notify.Core.Storage.Sharing;

/// <summary>What is to be done in the store for one node that owns shared objects. Belongs to <see cref="Publications"/>.</summary>
internal sealed class Publication(string node)
{
    public string Node { get; } = node;

    /// <summary>The objects that this hub shows as the node's.</summary>
    public HashSet<ObjectId> Said { get; } = [];

    /// <summary>Objects that may differ between what the node says and what the store has.</summary>
    public HashSet<ObjectId> Dirty { get; } = [];

    /// <summary>Those of them that are to be looked at yet, in their order: an owner of very many is not compared as a whole for each transaction.</summary>
    public Queue<ObjectId> Turns { get; } = new();

    /// <summary>Those of them that the node said something of: its word is later than what others own of that key.</summary>
    public HashSet<ObjectId> Fresh { get; } = [];

    /// <summary>Versions that the store will never take: they are not tried again.</summary>
    public Dictionary<ObjectId, Envelope> Refused { get; } = [];

    /// <summary>All that the node says, and all that the store has of it, may differ.</summary>
    public bool IsWhole { get; set; }

    /// <summary>It is among those that are looked at next.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Nobody speaks for the node: when to flush what it owns, or null.</summary>
    public long? FlushAt { get; set; }

    /// <summary>The node's record names this controller.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Nothing is to be done, and nothing remembered.</summary>
    public bool IsIdle => Said.Count == 0 && Dirty.Count == 0 && Refused.Count == 0 && !IsWhole && !IsQueued && FlushAt is null && !IsHeld;

    public void Forget()
    {
        Dirty.Clear();
        Turns.Clear();
        Fresh.Clear();
        Refused.Clear();
        (IsWhole, FlushAt) = (false, null);
    }
}
