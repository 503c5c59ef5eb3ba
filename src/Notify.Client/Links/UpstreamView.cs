namespace Notify.Client.Links;

/// <summary>What an <see cref="UpstreamLink"/> is doing. Immutable.</summary>
/// <param name="State">Where it is.</param>
/// <param name="Address">The address in use, or tried last.</param>
/// <param name="Peer">Name of the node above; empty before the first handshake.</param>
/// <param name="Since">When the state began.</param>
/// <param name="LastError">Why the last attempt or session ended; empty if none did.</param>
/// <param name="Sessions">How many sessions were opened.</param>
public sealed record UpstreamView(UpstreamState State, string Address, string Peer, DateTimeOffset Since, string LastError, long Sessions)
{
    /// <summary>
    /// The node above sends the store's objects from the beginning to so many nodes at a time, and this one waits: it is at most this far from its turn,
    /// and 1 is next. 0: it does not wait.
    /// </summary>
    public int Queued { get; init; }
}
