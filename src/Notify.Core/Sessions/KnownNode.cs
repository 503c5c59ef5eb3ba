namespace Notify.Core.Sessions;

/// <summary>A hub's node, or one somewhere below it, as the hub knows it. Immutable.</summary>
/// <param name="Name">Name of the node.</param>
/// <param name="Role">What it is.</param>
/// <param name="Hub">Name of the node that it is connected to, or was last; empty for the node that says so.</param>
/// <param name="IsConnected">It has a session there. Otherwise it has vanished, and is waited for.</param>
public sealed record KnownNode(string Name, string Role, string Hub, bool IsConnected);
