namespace Notify.Core.Sessions;

/// <summary>What became of a session's claim to a node name.</summary>
internal enum AttachOutcome
{
    /// <summary>The session speaks for the node now.</summary>
    Accepted = 0,

    /// <summary>The number is not above the highest one known.</summary>
    Fenced = 1,

    /// <summary>Another process has the name: ask it whether it lives.</summary>
    Probe = 2,

    /// <summary>The name is this node's own, or another process already waits for it.</summary>
    NameTaken = 3,

    /// <summary>There are too many sessions.</summary>
    Full = 4,

    /// <summary>This node goes down soon.</summary>
    Draining = 5,
}
