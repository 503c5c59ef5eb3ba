using System.Globalization;
using System.Text;
using Notify.Core.Sessions;
using Notify.Core.Storage.Sharing;
using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>
/// Controllers over one store, leaves that publish shared objects and, if wanted, relays between them, to which things happen in an order that a seed
/// decides: publications, cuts that one or both sides notice, failovers, restarts, controllers that stop for a while, lose the store or their record, or die.
/// </summary>
internal sealed class SharedWorld : RandomWorld
{
    private const int Leaves = 4;

    private readonly SimulatedStore _store = new(WithShared);
    private readonly SimulatedController[] _controllers;
    private readonly Dictionary<ObjectId, Envelope>[] _published;
    private readonly HashSet<string> _dead = [];
    private readonly SessionLimits _limits = new() { SilenceMs = 10_000_000, HeartbeatMs = 1000, StallMs = 1000 };
    private readonly HubOptions _hub;
    private int _processes;

    public SharedWorld(int seed, int relays)
        : base(seed, Leaves + relays)
    {
        _hub = new HubOptions { SettleMs = 0, GraceMs = _random.Next(2) * 500, InterestLingerMs = 0, ResumeWaitMs = 500 };
        _store.Limits = _store.Limits with { ChangesMax = _random.Next(2) == 0 ? 100 : 6 };
        _controllers = [NewController("c0"), NewController("c1")];
        for (var i = 0; i < _clients.Length; i++)
        {
            _clients[i] = NewClient(i);
        }

        _published = [.. Enumerable.Range(0, Leaves).Select(_ => new Dictionary<ObjectId, Envelope>())];
    }

    /// <summary>Lets something happen.</summary>
    public void Step()
    {
        var client = _random.Next(_clients.Length);
        var controller = _random.Next(_controllers.Length);
        switch (_random.Next(24))
        {
            case < 7:
                Publish(_random.Next(Leaves));
                break;
            case 7 when _links[client] is { } link:
                Cut(link);
                break;
            case 8 when _links[client] is { } link:
                Hold(link);
                break;
            case 9 when _links[client] is { } link:
                Release(link);
                break;
            case < 14:
                ConnectUnlessDead(client, AnyUpper(client));
                break;
            case 14:
                RestartClient(client);
                break;
            case 15:
                _controllers[controller].IsFrozen = !_controllers[controller].IsFrozen;
                _trace.Add($"c{controller} frozen {_controllers[controller].IsFrozen}");
                break;
            case 16:
                _controllers[controller].IsCutOff = !_controllers[controller].IsCutOff;
                _trace.Add($"c{controller} cut off {_controllers[controller].IsCutOff}");
                break;
            case 17:
                _trace.Add($"c{controller}'s record goes");
                _controllers[controller].Expire();
                break;
            case 18 when _random.Next(3) == 0:
                RestartController(controller);
                break;
            case 19 when _links[client] is { Client: { End: null, IsOpen: true } session } && _random.Next(3) == 0:
                _trace.Add($"{_clients[client].Name} says goodbye");
                session.SayGoodbye("The node stops.");
                break;
            case < 22:
                _tree.Pass(50 + (_random.Next(8) * 100));
                break;
            default:
                _tree.Settle();
                break;
        }

        MoveSomeFrames();
    }

    /// <summary>All that was held, cut or stopped is well again, and time passes.</summary>
    public void ComeToRest()
    {
        foreach (var controller in _controllers)
        {
            (controller.IsFrozen, controller.IsCutOff) = (false, false);
        }

        ReleaseAll();
        for (var round = 0; round < 6; round++)
        {
            for (var i = 0; i < _clients.Length; i++)
            {
                ConnectUnlessDead(i, round == 0 ? AnyUpper(i) : _links[i]!.Above);
            }

            _tree.Pass(1000);
        }

        foreach (var process in _dead)
        {
            _store.Delete(Records.Controller(process, "").Id);
        }

        _tree.Pass(6000);
    }

    public void Check()
    {
        var stored = _store.Objects(Report).Concat(_store.Objects(Seal)).ToDictionary(envelope => envelope.Id);
        foreach (var (id, said) in _published.SelectMany(published => published.Values).GroupBy(envelope => envelope.Id).Select(group => (group.Key, group.ToList())))
        {
            Expect(stored.TryGetValue(id, out var held), $"the store lacks {Text(said[0])}{Where(id)}");
            Expect(said.Exists(one => one.SameContent(held!)), $"the store has {Text(held!)} of {held!.Stamp} where {string.Join(" or ", said.Select(Text))} was said{Where(id)}");
            stored.Remove(id);
        }

        // What is kept may outlive its session.
        foreach (var rest in stored.Values.Where(envelope => envelope.Id.Type == Report))
        {
            Expect(false, $"the store has {Text(rest)} of {rest.Stamp}, which nobody says");
        }

        CheckStamps();
        CheckRecords();
        CheckMirrors();
    }

    /// <summary>Of one owner's versions of a key no older one follows a newer one.</summary>
    private void CheckStamps()
    {
        var last = new Dictionary<ObjectId, Stamp>();
        foreach (var change in _store.Epochs.SelectMany(epoch => epoch.Changes))
        {
            if (change.Envelope?.Stamp is not { } stamp)
            {
                last.Remove(change.Id);
                continue;
            }

            Expect(!(last.TryGetValue(change.Id, out var before) && stamp.IsOlderThan(before)), $"{Name(change.Id)} went from {before} to {stamp}");
            last[change.Id] = stamp;
        }
    }

    /// <summary>Each node that owns anything has a record of the session that it has, with the controller that this goes to.</summary>
    private void CheckRecords()
    {
        for (var i = 0; i < Leaves; i++)
        {
            var (leaf, owners) = (_clients[i].Name, _controllers[0].Node.Mirror.Shared);
            if (owners.ObjectsOf(leaf).Count > 0)
            {
                var record = owners.Find(leaf);
                Expect(record is not null, $"{leaf} has no record");
                Expect(record!.Process == _clients[i].Process, $"the record of {leaf} names another process, {record}");
                Expect(record.Controller == Root(i).Process, $"the record of {leaf} names {record.Controller} instead of {Root(i).Process}");
            }
        }
    }

    private void CheckMirrors()
    {
        var expected = _store.Objects(Report).Concat(_store.Objects(Seal)).ToDictionary(envelope => envelope.Id);
        foreach (var controller in _controllers)
        {
            Same(controller.Node, expected.Values);
        }

        for (var i = 0; i < Leaves; i++)
        {
            var own = _published[i];
            Same(_clients[i], expected.Values.Where(envelope => !own.ContainsKey(envelope.Id) && envelope.Stamp!.Value.Node != _clients[i].Name).Concat(own.Values));
        }
    }

    private void Same(SimulatedNode node, IEnumerable<Envelope> expected)
    {
        var actual = node.Mirror.Snapshot().List(Report).Concat(node.Mirror.Snapshot().List(Seal)).Select(Text).Order(StringComparer.Ordinal).ToList();
        var wanted = expected.Select(Text).Order(StringComparer.Ordinal).ToList();
        Expect(wanted.SequenceEqual(actual), $"{node.Name} lacks {string.Join(' ', wanted.Except(actual))}; has besides {string.Join(' ', actual.Except(wanted))}");
    }

    private void Expect(bool holds, string what)
    {
        if (!holds)
        {
            Assert.Fail($"{what}\n{string.Join(", ", _clients.Select((client, i) => $"{client.Name} at {_links[i]?.Above.Name}"))}\n{string.Join('\n', _trace)}");
        }
    }

    /// <summary>What everybody knows of an object and its owners, for people.</summary>
    private string Where(ObjectId id)
    {
        var text = new StringBuilder();
        foreach (var node in _controllers.Select(controller => controller.Node).Concat(_clients))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {node.Process} shows {node.Mirror.DynamicJournal.Find(id)?.Current?.Stamp}");
            foreach (var known in _clients.Select(client => node.Hub?.Find(client.Name)).OfType<NodeAttachment>())
            {
                text.Append(CultureInfo.InvariantCulture, $"\n    {known.Process} {known.Attachment}/{known.Highest} {known.State} via {known.Via} session {known.Session?.Peer}");
            }
        }

        foreach (var controller in _controllers)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {controller.Last}");
        }

        return text.ToString();
    }

    private static string Text(Envelope one) => $"{one.Id.Type[2..]}/{Name(one.Id)}={one.Value.ToStringUtf8()}";

    private void Publish(int leaf)
    {
        var upserts = new List<Envelope>();
        for (var count = 1 + _random.Next(3); count > 0; count--)
        {
            // A few keys that everybody says. Not of the kept type: what is kept of a node that has gone shadows what others say, by design.
            var (isSeal, isForAll) = (_random.Next(3) == 0, _random.Next(5) == 0);
            var name = isForAll && !isSeal ? $"all/{_random.Next(2)}" : $"{leaf}/{_random.Next(4)}";
            var one = isSeal ? Object(Seal, name, $"{_random.Next(100)}") : Object(Report, name, $"{_random.Next(100)}", "berlin", (Seal, $"{leaf}/0"));
            if (upserts.TrueForAll(other => other.Id != one.Id))
            {
                upserts.Add(one);
            }
        }

        if (_random.Next(3) == 0)
        {
            upserts.ForEach(one => _published[leaf].Remove(one.Id));
            _trace.Add($"{_clients[leaf].Name} takes back {string.Join(' ', upserts.Select(one => Name(one.Id)))}");
            _clients[leaf].Mirror.Publish([], [.. upserts.Select(one => one.Id)]);
        }
        else
        {
            upserts.ForEach(one => _published[leaf][one.Id] = one);
            _trace.Add($"{_clients[leaf].Name} publishes {string.Join(' ', upserts.Select(Text))}");
            _clients[leaf].Mirror.Publish(upserts, []);
        }
    }

    private void ConnectUnlessDead(int client, SimulatedNode above)
    {
        if (!_dead.Contains(above.Process))
        {
            Connect(client, above);
        }
    }

    private void Cut(SimulatedLink link)
    {
        _trace.Add($"{link.Below.Name} is cut");
        link.UpHeld = _random.Next(2) == 0; // Then the upper side notices late.
        link.CutBelow(_tree.NowMs);
    }

    private void RestartClient(int client)
    {
        _trace.Add($"{_clients[client].Name} restarts");
        if (_links[client] is { Client.End: null } link)
        {
            Cut(link);
        }

        foreach (var below in _links.Where(below => below?.Above == _clients[client] && below.Client.End is null))
        {
            below!.CutBelow(_tree.NowMs);
        }

        _tree.Kill(_clients[client]);
        _links[client] = null;
        _clients[client] = NewClient(client);
        if (client < Leaves)
        {
            _published[client].Clear();
        }
    }

    private void RestartController(int controller)
    {
        var old = _controllers[controller];
        _trace.Add($"{old.Node.Name} dies, and another one starts");
        foreach (var link in _links.Where(link => link?.Above == old.Node && link.Client.End is null))
        {
            link!.CutBelow(_tree.NowMs);
        }

        _tree.Kill(old.Node);
        _dead.Add(old.Node.Process);
        _controllers[controller] = NewController(old.Node.Name);
    }

    private SimulatedController NewController(string name)
    {
        var node = _tree.Add(new SimulatedNode(name, $"{name}-{++_processes}", _tree.NowMs, WithShared, isHub: true, _limits, _hub));
        node.Hub!.Tick(_tree.NowMs);
        return _tree.Add(new SimulatedController(node, _store, _tree.NowMs, takeoverMs: 1000));
    }

    private SimulatedNode NewClient(int client)
    {
        var isRelay = client >= Leaves;
        var name = isRelay ? $"relay{client - Leaves}" : $"leaf{client}";
        var node = _tree.Add(new SimulatedNode(
            name, $"{name}-{++_processes}", _tree.NowMs, isRelay ? [] : WithShared, isHub: false, _limits, _hub, isRelay: isRelay));
        node.Hub?.Tick(_tree.NowMs);
        if (!isRelay)
        {
            node.SetInterest(none => none.With(Report, Selector.All).With(Seal, Selector.All));
        }

        return node;
    }

    private SimulatedNode AnyUpper(int client)
    {
        var upper = _random.Next(_controllers.Length + (client < Leaves ? _clients.Length - Leaves : 0));
        return upper < _controllers.Length ? _controllers[upper].Node : _clients[Leaves + upper - _controllers.Length];
    }

    private SimulatedNode Root(int client)
    {
        var above = _links[client]!.Above;
        return Array.IndexOf(_clients, above) is >= 0 and var relay ? _links[relay]!.Above : above;
    }

    private void MoveSomeFrames()
    {
        for (var moves = _random.Next(16); moves > 0; moves--)
        {
            if (_tree.Links.Count > 0)
            {
                _tree.Links[_random.Next(_tree.Links.Count)].Step(_tree.NowMs);
            }

            _controllers[_random.Next(_controllers.Length)].Step(_tree.NowMs);
            _clients[_random.Next(_clients.Length)].RunHandler();
        }
    }
}
