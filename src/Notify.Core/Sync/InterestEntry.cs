namespace Notify.Core.Sync;

/// <summary>One (type, selector) that this node asked for, and how far it has it. Guarded by the lock of the mirror.</summary>
internal sealed class InterestEntry(uint number, string type, Selector selector)
{
    public uint Number { get; } = number;

    public string Type { get; } = type;

    public Selector Selector { get; } = selector;

    /// <summary>Number of the interest change that told of it; 0: the hello did.</summary>
    public uint ToldIn { get; set; }

    /// <summary>
    /// Number of the interest change that takes it back, or null while it is wanted. Until the upstream reflects that change, what it sends is for
    /// this item, too.
    /// </summary>
    public uint? WithdrawnIn { get; set; }

    /// <summary>What the upstream said of it last, in this session or an earlier one.</summary>
    public Completeness Completeness { get; set; }

    /// <summary>Everything of it up to here is held, in the space it is of; 0: it has to be sent whole.</summary>
    public long Revision { get; set; }

    /// <summary>The generation in which its last whole sync began: what it covers and was not confirmed since then is not there.</summary>
    public long WholeSince { get; set; }

    /// <summary>
    /// At a relay: it has been complete since this revision of the store, without a break; what nodes that were elsewhere saw before is not known here.
    /// Null while it is not complete.
    /// </summary>
    public long? CompleteSince { get; set; }

    /// <summary>A whole sync has begun and its end has not removed yet what was not in it.</summary>
    public bool PruneDue { get; set; }
}
