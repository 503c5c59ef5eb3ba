namespace Notify.Core.Sessions;

/// <summary>Bounds and times of a session. Times are milliseconds.</summary>
public sealed record SessionLimits
{
    /// <summary>The highest attachment number: whoever had the last one could never be followed.</summary>
    internal const long AttachmentMax = 1L << 62;

    /// <summary>How often a heartbeat is sent at least. The default value is 5000.</summary>
    public int HeartbeatMs { get; init; } = 5000;

    /// <summary>After this long without any frame the peer is given up. The default value is 15000.</summary>
    public int SilenceMs { get; init; } = 15000;

    /// <summary>The handshake has to be done in this time. The default value is 2000.</summary>
    public int HandshakeMs { get; init; } = 2000;

    /// <summary>A bundle from below has to end in this time. The default value is 60000.</summary>
    public int BundleMs { get; init; } = 60000;

    /// <summary>An outgoing bundle that the peer takes no frame of for this long is given up. The default value is 10000.</summary>
    public int StallMs { get; init; } = 10000;

    /// <summary>The largest frame taken. The default value is 4 MiB.</summary>
    public int FrameBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Frames of changes are closed when they reach this size. The default value is 64 KiB.</summary>
    public int FrameBytesTarget { get; init; } = 64 * 1024;

    /// <summary>The largest object taken, key and value together. The default value is 1 MiB.</summary>
    public int ObjectBytesMax { get; init; } = 1024 * 1024;

    /// <summary>A bundle larger than this is not kept aside but applied as it comes. The default value is 64 MiB.</summary>
    public long StagedBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Outgoing messages waiting for the peer; further ones are dropped. The default value is 256.</summary>
    public int MessagesMax { get; init; } = 256;

    /// <summary>Bytes of outgoing messages waiting for the peer, and of those held; further ones are dropped. The default value is 8 MiB.</summary>
    public int MessageBytesMax { get; init; } = 8 << 20;

    /// <summary>Messages held at a node until it has applied a revision; further ones are dropped. The default value is 64.</summary>
    public int HeldMessagesMax { get; init; } = 64;

    /// <summary>A message is held for this long, give or take a heartbeat, and then dropped. The default value is 30000.</summary>
    public int HeldMessageMs { get; init; } = 30000;

    /// <summary>Barriers of the peer under way; one that asks for more is ended. The default value is 1024.</summary>
    public int BarriersMax { get; init; } = 1024;

    /// <summary>Items that a session may ask for, but for one of a relay. The default value is 10000.</summary>
    public int InterestItemsMax { get; init; } = 10000;

    /// <summary>
    /// Items that the session of a relay may ask for, which asks for what all nodes below it do. What it asks for when it connects is one frame, so
    /// <see cref="FrameBytesMax"/> has to be in keeping with it. The default value is 100000.
    /// </summary>
    public int RelayInterestItemsMax { get; init; } = 100_000;

    /// <summary>What is wrong with these limits, where they are called <paramref name="path"/>.</summary>
    internal IReadOnlyList<string> Problems(string path)
    {
        OptionsProblems problems = new(path);
        problems.AtLeast(1, HeartbeatMs);
        problems.AtLeast(1, HandshakeMs);
        problems.AtLeast(1, BundleMs);
        problems.AtLeast(1, StallMs);
        problems.AtLeast(1, FrameBytesTarget);
        problems.AtLeast(1, ObjectBytesMax);
        problems.AtLeast(1, StagedBytesMax);
        problems.AtLeast(1, MessagesMax);
        problems.AtLeast(1, MessageBytesMax);
        problems.AtLeast(1, HeldMessagesMax);
        problems.AtLeast(1, HeldMessageMs);
        problems.AtLeast(1, BarriersMax);
        problems.AtLeast(1, InterestItemsMax);
        problems.AtLeast(1, RelayInterestItemsMax);
        problems.AtMost(FrameBytesMax, FrameBytesTarget);
        problems.AtMost(FrameBytesMax, ObjectBytesMax);
        if (SilenceMs <= HeartbeatMs)
        {
            problems.Add($"{path}.SilenceMs is {SilenceMs}; it must be more than HeartbeatMs, which is {HeartbeatMs}, or peers that are well are given up.");
        }

        return problems;
    }
}
