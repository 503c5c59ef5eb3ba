namespace Notify.Client.Links;

/// <summary>Where a node is with its upstream.</summary>
public enum UpstreamState
{
    /// <summary>Waiting before the next attempt.</summary>
    BackingOff = 0,

    /// <summary>Connecting, or in the handshake.</summary>
    Connecting = 1,

    /// <summary>A session is open.</summary>
    Open = 2,

    /// <summary>Stopped.</summary>
    Stopped = 3,
}
