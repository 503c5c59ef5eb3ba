namespace Notify.Core.Sessions;

/// <summary>What a node says of itself on every link.</summary>
public sealed record SessionSettings
{
    /// <summary>The protocol versions this code speaks, highest last.</summary>
    public static IReadOnlyList<uint> Versions { get; } = [1];

    /// <summary>Random for each start of the process.</summary>
    public required string Process { get; init; }

    /// <summary>What the node is, for people.</summary>
    public required string Role { get; init; }

    /// <summary>The node has other servers to go to: it leaves by itself when one is about to go down, which waits for that.</summary>
    internal bool Moves { get; init; }

    /// <summary>Bounds and times.</summary>
    public SessionLimits Limits { get; init; } = new();

    /// <summary>Versions to offer; all of them but in tests of mixed versions.</summary>
    internal IReadOnlyList<uint> OfferedVersions { get; init; } = Versions;
}
