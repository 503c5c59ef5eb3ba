namespace Notify.Core.Sessions;

/// <summary>What came of forgetting a node.</summary>
public enum ForgetOutcome
{
    /// <summary>Nothing waits for the node any more.</summary>
    Forgotten,

    /// <summary>The node is connected, here or at a relay below. Nothing was done.</summary>
    Connected,

    /// <summary>No node of the name has vanished.</summary>
    Unknown,
}
