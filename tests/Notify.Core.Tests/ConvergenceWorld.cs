using Notify.Core.Journal;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>
/// Two hubs of one store, some leaves and, if wanted, two levels of relays, to which things happen in an order that a seed decides: writes,
/// publications, changes of interest, cuts that one or both sides notice, held directions, failovers and restarts, with any number of frames
/// moved in between.
/// </summary>
internal sealed class ConvergenceWorld : RandomWorld
{
    private static readonly string[] s_sites = ["berlin", "paris", "rome"];
    private readonly SimulatedNode[] _hubs;
    private readonly int _relays;
    private readonly SessionLimits _limits;
    private readonly HubOptions _hubOptions;
    private readonly JournalLimits _journal;
    private int _restarts;
    private readonly Dictionary<ObjectId, string>[] _replayed;
    private readonly List<(long Revision, Envelope[] Upserts, ObjectId[] Deletes)> _commits = [];
    private readonly Dictionary<ObjectId, Envelope> _store = [];
    private readonly Dictionary<ObjectId, Envelope>[] _published;
    private long _revision = 1;

    /// <summary>Creates the world of a seed.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="relays">How many relays; the second half of them may stand below the first.</param>
    public ConvergenceWorld(int seed, int relays = 0)
        : base(seed, 3 + relays)
    {
        _relays = relays;
        var journal = _journal = _random.Next(3) == 0 ? new JournalLimits() : new JournalLimits { TombstonesMax = _random.Next(6), ScopeMarkersMax = _random.Next(4) };
        var limits = _limits = new SessionLimits { SilenceMs = 10_000_000, HeartbeatMs = 1000, StallMs = 1000, StagedBytesMax = _random.Next(3) == 0 ? 100 : 1 << 20 };
        var hub = _hubOptions = new HubOptions { SettleMs = 0, GraceMs = _random.Next(2) * 300, InterestLingerMs = relays > 0 ? _random.Next(3) * 200 : 0, ResumeWaitMs = 500 };
        _hubs = [.. Enumerable.Range(0, 2).Select(i =>
            _tree.Add(new SimulatedNode($"hub{i}", $"hub process {i}", _tree.NowMs, All, isHub: true, limits, hub, journal)))];
        for (var i = 0; i < _clients.Length; i++)
        {
            _clients[i] = AddClient(i, $"process {i}");
        }

        _published = [.. _clients.Select(_ => new Dictionary<ObjectId, Envelope>())];
        _replayed = [.. _clients.Select(Replay)];
        foreach (var node in _hubs)
        {
            node.Mirror.LoadStore(Scenario.Store, _revision, []);
            node.Hub!.Tick(_tree.NowMs);
        }
    }

    public IReadOnlyList<SimulatedNode> Hubs => _hubs;

    public IReadOnlyList<SimulatedNode> Clients => _clients;

    public SimulatedTree Tree => _tree;

    /// <summary>The store's revision.</summary>
    public long Revision => _revision;

    public string Trace => string.Join('\n', _trace);

    /// <summary>The clients that are below a hub now, at any depth.</summary>
    public IEnumerable<SimulatedNode> Below(SimulatedNode hub) => _clients.Where((_, i) => IsBelow(i, hub));

    /// <summary>Lets something happen.</summary>
    public void Step()
    {
        var leaf = _random.Next(_clients.Length);
        if (_relays > 0 && _random.Next(30) == 0)
        {
            Restart(leaf);
        }

        switch (_random.Next(20))
        {
            case < 6:
                Commit();
                break;
            case < 10:
                Publish(leaf);
                break;
            case < 12:
                var interest = AnyInterest();
                _trace.Add($"{_clients[leaf].Name} is interested in {Text(interest)}");
                _clients[leaf].SetInterest(_ => interest);
                break;
            case 12:
                CatchUp(_hubs[1]);
                break;
            case 13 when _links[leaf] is { } link:
                Cut(link);
                break;
            case 14 when _links[leaf] is { } link:
                Hold(link);
                break;
            case 15 when _links[leaf] is { } link:
                Release(link);
                break;
            case < 18:
                Connect(leaf, AnyUpper(leaf));
                break;
            case 18:
                _tree.Pass(50 + _random.Next(8) * 50);
                break;
            default:
                _tree.Settle();
                break;
        }

        MoveSomeFrames();
    }

    /// <summary>Everything that was held or cut is well again, and time passes.</summary>
    public void ComeToRest()
    {
        CatchUp(_hubs[1]);
        ReleaseAll();

        // Whoever has no session gets one.
        for (var i = 0; i < _clients.Length; i++)
        {
            Connect(i, AnyUpper(i));
        }

        _tree.Pass(3000);
        for (var round = 0; _relays > 0 && round < 5; round++)
        {
            // Who was fenced behind a relay comes again, above the number that it was told.
            for (var i = 0; i < _clients.Length; i++)
            {
                Connect(i, _links[i]!.Above);
            }

            _tree.Pass(1000);
        }

        _tree.Pass(_relays > 0 ? 3000 : 0);
    }

    public void Check()
    {
        foreach (var hub in _hubs)
        {
            var carried = _clients.Where((_, i) => Above(i) == hub).ToArray();
            Compare(hub, hub.Name, MirrorOracle.Text(_store.Values.Concat(DynamicAt(hub))));
            Assert.Equal((carried.Length, carried.Length), (hub.Hub!.SessionCount, hub.Hub.CarrierCount));
        }

        for (var i = 0; i < _clients.Length; i++)
        {
            var (mirror, link) = (_clients[i].Mirror, _links[i]!);
            Assert.Equal((null, null), (link.Client.End, link.Server.End));
            Assert.True(mirror.IsSynced, $"{_clients[i].Name} at {link.Above.Name} does not come to be synced.\ninterest {Text(mirror.Interest)}\nwhat happened: {string.Join('\n', _trace)}");
            var asked = IsRelay(i) ? mirror.Upstream.Wanted.Aggregate(Interest.None, (all, entry) => all.With(entry.Type, entry.Selector)) : mirror.Interest;
            if (asked.Items.Count > 0 || _relays == 0)
            {
                Assert.Contains(mirror.Snapshot().StoredRevision, mirror.Snapshot().StoredSpace is null ? [0] : new[] { _revision });
            }

            var expected = MirrorOracle.Text(MirrorOracle.Wanted(_store.Values, asked)
                .Concat(MirrorOracle.Wanted([.. DynamicAt(Root(i))], asked))
                .Concat(IsRelay(i) ? DynamicAt(_clients[i]) : _published[i].Values));
            Compare(_clients[i], $"{_clients[i].Name} at {link.Above.Name}, interested in {Text(asked)},", expected);

            // The events that were raised on the way add up to the same.
            Assert.Equal(
                Content(mirror.Snapshot()).Order(StringComparer.Ordinal),
                _replayed[i].Select(one => $"{one.Key.Type[2..]}/{Name(one.Key)}={one.Value}").Order(StringComparer.Ordinal));
        }
    }

    private void Compare(SimulatedNode node, string name, string[] expected)
    {
        var actual = Content(node.Mirror.Snapshot()).Order(StringComparer.Ordinal).ToArray();
        if (!expected.SequenceEqual(actual))
        {
            var where = _clients.Select((client, i) => $"{client.Name} at {Above(i).Name}");
            Assert.Fail(
                $"{name} lacks {string.Join(' ', expected.Except(actual))}; has besides {string.Join(' ', actual.Except(expected))}\n"
                + $"{string.Join(", ", where)}\nwhat happened: {string.Join('\n', _trace)}");
        }
    }

    private static string Text(Interest interest) => string.Join(", ", interest.Items
        .Select(item => $"{item.Type[2..]} {item.Selector.Kind} {Name(new ObjectId("", item.Selector.Kind == SelectorKind.Scope ? item.Selector.Scope.Key : item.Selector.Key))}")
        .Order(StringComparer.Ordinal));

    private static string Text(Envelope one) =>
        $"{one.Id.Type[2..]}/{Name(one.Id)}={one.Value.ToStringUtf8()}{string.Concat(one.Scopes.Select(scope => " in " + Name(new ObjectId("", scope.Key))))}"
        + string.Concat(one.References.Select(target => " to " + Name(target)));

    private static Dictionary<ObjectId, string> Replay(SimulatedNode leaf)
    {
        var replayed = new Dictionary<ObjectId, string>();
        leaf.Mirror.Subscribe(change =>
        {
            foreach (var one in change.Changes)
            {
                Assert.Equal(one.Old?.Value.ToStringUtf8(), replayed.GetValueOrDefault(one.Id));
                if (one.New is null)
                {
                    replayed.Remove(one.Id);
                }
                else
                {
                    replayed[one.Id] = one.New.Value.ToStringUtf8();
                }
            }
        });
        leaf.Mirror.Rejected += (rejection, e) => throw new InvalidOperationException(rejection.ToString(), e);
        return replayed;
    }

    private IEnumerable<Envelope> DynamicAt(SimulatedNode hub) =>
        _published.Where((_, i) => _clients[i] == hub || IsBelow(i, hub)).SelectMany(published => published.Values);

    private bool IsRelay(int client) => client >= _clients.Length - _relays;

    private SimulatedNode Above(int client) => _links[client]!.Above;

    private bool IsBelow(int client, SimulatedNode node) =>
        Above(client) == node || (Array.IndexOf(_clients, Above(client)) is >= 0 and var between && IsBelow(between, node));

    private SimulatedNode Root(int client) => Array.Find(_hubs, hub => IsBelow(client, hub))!;

    private SimulatedNode AddClient(int i, string process) => i < 3
        ? _tree.Add(new SimulatedNode($"leaf{i}", "leaf " + process, _tree.NowMs, All, isHub: false, _limits))
        : _tree.Add(new SimulatedNode($"relay{i - 3}", "relay " + process, _tree.NowMs, All, isHub: false, _limits, _hubOptions, _journal, isRelay: true));

    /// <summary>Leaves stand anywhere, the first half of the relays below a hub, and the others below those, too.</summary>
    private SimulatedNode AnyUpper(int client)
    {
        var relays = _clients.Skip(_clients.Length - _relays).Take(IsRelay(client) ? _relays / 2 : _relays);
        var isFirst = IsRelay(client) && client < _clients.Length - (_relays / 2);
        SimulatedNode[] uppers = [.. _hubs, .. isFirst ? [] : relays];
        return uppers[_random.Next(uppers.Length)];
    }

    /// <summary>The process dies and a new one takes its place, with nothing in its memory; who was connected to it notices.</summary>
    private void Restart(int client)
    {
        var before = _clients[client];
        _trace.Add($"{before.Name} restarts");
        foreach (var link in _tree.Links.Where(link => link.Below == before || link.Above == before).ToArray())
        {
            link.Cut(_tree.NowMs);
        }

        _tree.Kill(before);
        _published[client].Clear();
        _links[client] = null;
        _clients[client] = AddClient(client, $"process, restart {++_restarts}");
        _clients[client].SetInterest(_ => before.Mirror.Interest);
        _replayed[client] = Replay(_clients[client]);
    }

    private void Commit()
    {
        _revision++;
        var changes = Enumerable.Range(0, 1 + _random.Next(4)).Select(_ => (Id: AnyStored(), IsDelete: _random.Next(3) == 0)).DistinctBy(change => change.Id);
        var (upserts, deletes) = (new List<Envelope>(), new List<ObjectId>());
        foreach (var (id, isDelete) in changes)
        {
            if (!isDelete)
            {
                upserts.Add(_store[id] = Version(id));
            }
            else if (_store.Remove(id))
            {
                deletes.Add(id);
            }
        }

        _trace.Add($"{_revision}: {string.Join(", ", upserts.Select(Text))} deletes {string.Join(", ", deletes.Select(Name))}");
        _commits.Add((_revision, [.. upserts], [.. deletes]));
        CatchUp(_hubs[0]);
    }

    /// <summary>The second hub lags behind until this is called for it.</summary>
    private void CatchUp(SimulatedNode hub)
    {
        foreach (var (revision, upserts, deletes) in _commits.Where(commit => commit.Revision > hub.Mirror.Snapshot().StoredRevision))
        {
            hub.Mirror.ApplyStoreCommit(revision, upserts, deletes);
        }
    }

    private ObjectId AnyStored() => _random.Next(3) switch
    {
        0 => Id(Flavor, $"f{_random.Next(3)}"),
        1 => Id(App, $"a{_random.Next(4)}"),
        _ => Id(Inst, $"i{_random.Next(6)}"),
    };

    private Envelope Version(ObjectId id)
    {
        var (name, value) = (Name(id), $"{_revision}");
        return (id.Type switch
        {
            App => Object(App, name, value, null, (Flavor, $"f{_random.Next(3)}")),
            Inst => Object(Inst, name, value, _random.Next(4) == 0 ? null : AnySite(), (App, $"a{_random.Next(4)}"), (App, $"a{_random.Next(4)}")),
            _ => Object(Flavor, name, value),
        }) with
        { Revision = _revision };
    }

    private void Publish(int leaf)
    {
        // Keys of its own: two senders of one key are another test.
        var name = $"{leaf}/{_random.Next(3)}";
        var one = _random.Next(2) == 0 ? Object(Alarm, name, $"{_random.Next(100)}") : Object(Status, name, $"{_random.Next(100)}", AnySite());
        if (_random.Next(3) == 0)
        {
            _published[leaf].Remove(one.Id);
            _trace.Add($"{_clients[leaf].Name} takes back {Name(one.Id)}");
            _clients[leaf].Mirror.Publish([], [one.Id]);
        }
        else
        {
            _published[leaf][one.Id] = one;
            _trace.Add($"{_clients[leaf].Name} publishes {Text(one)}");
            _clients[leaf].Mirror.Publish([one], []);
        }
    }

    private string AnySite() => s_sites[_random.Next(s_sites.Length)];

    private Interest AnyInterest()
    {
        var interest = Interest.None;
        for (var items = _random.Next(6); items > 0; items--)
        {
            interest = _random.Next(8) switch
            {
                0 => interest.With(App, Selector.All),
                1 => interest.With(Inst, Selector.All),
                2 => interest.With(App, Selector.Of(Key($"a{_random.Next(4)}"))),
                3 => interest.With(Status, Selector.In(InSite(AnySite()))),
                4 => interest.With(Alarm, Selector.All),
                5 => interest.With(Inst, Selector.In(InSite(AnySite()))),
                6 => interest.With(Flavor, Selector.Referred),
                _ => interest.WithSite(AnySite()),
            };
        }

        return interest;
    }

    private void Cut(SimulatedLink link)
    {
        _trace.Add($"{link.Below.Name} is cut");
        if (_random.Next(2) == 0)
        {
            link.Cut(_tree.NowMs);
        }
        else
        {
            // Only the lower side notices; the upper one may go on with what is on its way until it sees the end.
            link.CutBelow(_tree.NowMs);
        }
    }

    private void MoveSomeFrames()
    {
        for (var moves = _random.Next(12); moves > 0; moves--)
        {
            var links = _tree.Links;
            if (links.Count > 0)
            {
                links[_random.Next(links.Count)].Step(_tree.NowMs);
            }

            _clients[_random.Next(_clients.Length)].RunHandler();
        }
    }
}
