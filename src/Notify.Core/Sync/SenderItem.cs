namespace Notify.Core.Sync;

/// <summary>One (type, selector) that the peer asked for, at its sender.</summary>
internal sealed class SenderItem(uint number, string type, Selector selector)
{
    /// <summary>The number that the peer gave it.</summary>
    public uint Number { get; } = number;

    public string Type { get; } = type;

    public Selector Selector { get; } = selector;

    /// <summary>Sent from the beginning at the next cut; otherwise it goes on from the cursor.</summary>
    public bool NeedsWhole { get; set; } = true;

    /// <summary>The peer went on from where it was, and what this node has of it may be older: it is sent from the beginning once it is complete.</summary>
    public bool IsPutOff { get; set; }

    /// <summary>Markers of what the peer may hold were forgotten, and no sync has proved since what is gone.</summary>
    public bool HasGaps { get; set; }

    /// <summary>What the peer was told of it last.</summary>
    public Completeness Told { get; set; }
}
