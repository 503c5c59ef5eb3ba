using Notify.Core.Journal;

namespace Notify.Core.Sessions;

/// <summary>What a hub knows of one node below it, over all its sessions. Guarded by the lock of the mirror.</summary>
internal sealed class NodeAttachment(string node)
{
    public string Node { get; } = node;

    public Origin Origin { get; } = new(node);

    /// <summary>The highest number any session of the node had.</summary>
    public long Highest { get; set; }

    /// <summary>From its sync on, the number of the node's session: lower ones count no more.</summary>
    public long Synced { get; set; }

    /// <summary>The process of the last session.</summary>
    public string Process { get; set; } = "";

    /// <summary>The session that speaks for the node now, or null.</summary>
    public ServerSession? Session { get; set; }

    /// <summary>A session of another process that waits while the one here is asked whether it lives.</summary>
    public ServerSession? Challenger { get; set; }

    /// <summary>What sessions of the node carry: that of the current session last, those before it until its sync replaces them.</summary>
    public List<Carrier> Carriers { get; } = [];

    /// <summary>When to flush what a vanished node left, or null.</summary>
    public long? FlushAt { get; set; }
}
