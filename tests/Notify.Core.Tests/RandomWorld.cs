using Notify.Testing.Tree;

namespace Notify.Core.Tests;

/// <summary>What worlds share to which things happen in an order that a seed decides: clients with a link upwards each, which are cut and held.</summary>
/// <remarks>A seed stays the same world only as long as every event draws the same numbers in the same order.</remarks>
internal abstract class RandomWorld
{
    private protected readonly Random _random;
    private protected readonly SimulatedTree _tree = new();
    private protected readonly List<string> _trace = [];
    private protected readonly SimulatedNode[] _clients;
    private protected readonly SimulatedLink?[] _links;

    /// <param name="seed">Decides everything.</param>
    /// <param name="clients">How many clients there are; who derives makes them.</param>
    private protected RandomWorld(int seed, int clients) =>
        (_random, _clients, _links) = (new Random(seed), new SimulatedNode[clients], new SimulatedLink?[clients]);

    private protected void Hold(SimulatedLink link)
    {
        (link.UpHeld, link.DownHeld) = (_random.Next(2) == 0, _random.Next(2) == 0);
        _trace.Add($"{link.Below.Name} holds up {link.UpHeld} down {link.DownHeld}");
    }

    private protected static void Release(SimulatedLink link) => (link.UpHeld, link.DownHeld) = (false, false);

    /// <summary>What is on its way arrives, and what a side has yet to notice of a cut it notices now.</summary>
    private protected void ReleaseAll()
    {
        foreach (var link in _tree.Links)
        {
            Release(link);
        }

        _tree.Settle();
    }

    /// <summary>Connects a client that has no session.</summary>
    private protected void Connect(int client, SimulatedNode above)
    {
        if (_links[client] is not { Client.End: null })
        {
            _trace.Add($"{_clients[client].Name} connects to {above.Name}");
            _links[client] = _tree.Connect(_clients[client], above);
        }
    }
}
