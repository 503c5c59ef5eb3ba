using Notify.Core.Journal;
using Notify.Core.Protocol;
using Selector = Notify.Core.Sync.Selector;

namespace Notify.Core.Sessions;

/// <summary>What a hub knows of one node below it, next to it or behind relays, over all its sessions. Guarded by the lock of the mirror.</summary>
internal sealed class NodeAttachment(string node)
{
    public string Node { get; } = node;

    public Origin Origin { get; } = new(node);

    /// <summary>The highest number any session of the node had.</summary>
    public long Highest { get; set; }

    /// <summary>The number of the session that speaks for the node here, or did so last.</summary>
    public long Attachment { get; set; }

    /// <summary>The number of the last session that has said here, or at a relay below, everything that the node has.</summary>
    public long SaidAllAs { get; private set; }

    /// <summary>The same while that is what the node has; 0 once it is gone from here, or elsewhere.</summary>
    public long KnownAs { get; private set; }

    /// <summary>A session has said everything that the node has.</summary>
    public void NoteSaidAll(long attachment) => (SaidAllAs, KnownAs) = (attachment, attachment);

    /// <summary>It is not known here any more what the node has.</summary>
    public void NoteUnknown() => KnownAs = 0;

    /// <summary>The process of the last session.</summary>
    public string Process { get; set; } = "";

    /// <summary>What the node is, for people.</summary>
    public string Role { get; set; } = "";

    /// <summary>The session that speaks for the node now: its own, or that of the relay it is behind; or null.</summary>
    public ServerSession? Session { get; set; }

    /// <summary>Name of the neighbour that spoke for the node last. What others say of its older sessions changes nothing.</summary>
    public string Via { get; set; } = "";

    /// <summary>Name of the node that it is connected to: this one, or a relay below.</summary>
    public string Hub { get; set; } = "";

    /// <summary>It came to <see cref="Hub"/> after a session of this number elsewhere: what is still said there of that one, or of earlier ones, is past.</summary>
    public long ElsewhereUpTo { get; set; }

    /// <summary>The node is gone, and some of its objects may be kept: whoever gets them is to know its number.</summary>
    public bool IsKept { get; set; }

    /// <summary>It had a session and did not say goodbye: who waits for nodes waits for it, until it is back or forgotten.</summary>
    public bool IsMissed { get; set; }

    /// <summary>The upstream was told so, in this session with it, and counts the node itself.</summary>
    public bool IsMissedAbove { get; set; }

    /// <summary>Sessions of the node up to this number are not missed any more, whoever says that they are.</summary>
    public long ForgottenAt { get; set; }

    /// <summary>Process of the relay that spoke for the node last. While it runs it knows whether the node has said goodbye.</summary>
    public string SeatedBy { get; set; } = "";

    /// <summary>A session of another process that waits while the one here is asked whether it lives.</summary>
    public ServerSession? Challenger { get; set; }

    /// <summary>What sessions of the node carry: that of the current session last, those before it until its sync replaces them.</summary>
    public List<Carrier> Carriers { get; } = [];

    /// <summary>Neighbours that may still carry objects of this node's older sessions, until it is known what it has now.</summary>
    public HashSet<NodeAttachment> Before { get; } = [];

    /// <summary>Relays that have an older session of the same process behind them. They are told when the newer one has said everything.</summary>
    public List<ServerSession> Unfenced { get; } = [];

    /// <summary>Nodes behind this one, if it is a relay.</summary>
    public HashSet<NodeAttachment> Behind { get; } = [];

    /// <summary>The upstream has heard of the node elsewhere since: nothing that it left here is its last word.</summary>
    public bool IsElsewhere { get; set; }

    /// <summary>When to flush what a vanished node left, or null.</summary>
    public long? FlushAt { get; set; }

    /// <summary>What this hub's upstream is to be told of the node's session.</summary>
    public AttachmentState State { get; set; } = AttachmentState.Gone;

    /// <summary>The commit of the dynamic journal with which the state became true: upstream it is told after that.</summary>
    public long StateSince { get; set; }

    /// <summary>The number of the session that the upstream was told of last, in this session with it; 0: none.</summary>
    public long ToldAttachment { get; set; }

    /// <summary>At a relay: what has to be asked of the upstream for this node.</summary>
    public HashSet<(string Type, Selector Selector)> Asked { get; set; } = [];

    /// <summary>The session that asked for it.</summary>
    public ServerSession? AskedBy { get; set; }

    /// <summary>When it is asked for no more, or null.</summary>
    public long? NarrowAt { get; set; }

    /// <summary>Nobody needs to remember more of the node than its number.</summary>
    public bool IsAbsent =>
        Session is null && Challenger is null && FlushAt is null && Carriers.Count == 0 && Asked.Count == 0 && Before.Count == 0 && Behind.Count == 0
        && State == AttachmentState.Gone;
}
