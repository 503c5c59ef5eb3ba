using Notify.Core.Journal;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>
/// Two hubs of one store and some leaves, to which things happen in an order that a seed decides: writes, publications, changes of interest,
/// cuts that one or both sides notice, held directions and failovers, with any number of frames moved in between.
/// </summary>
internal sealed class ConvergenceWorld
{
    private static readonly string[] s_sites = ["berlin", "paris", "rome"];
    private readonly Random _random;
    private readonly SimulatedTree _tree = new();
    private readonly SimulatedNode[] _hubs;
    private readonly SimulatedNode[] _leaves;
    private readonly SimulatedLink?[] _links;
    private readonly Dictionary<ObjectId, string>[] _replayed;
    private readonly List<(long Revision, Envelope[] Upserts, ObjectId[] Deletes)> _commits = [];
    private readonly Dictionary<ObjectId, Envelope> _store = [];
    private readonly Dictionary<ObjectId, Envelope>[] _published;
    private readonly List<string> _trace = [];
    private long _revision = 1;

    public ConvergenceWorld(int seed)
    {
        _random = new Random(seed);
        var journal = _random.Next(3) == 0 ? new JournalLimits() : new JournalLimits { TombstonesMax = _random.Next(6), ScopeMarkersMax = _random.Next(4) };
        var limits = new SessionLimits { SilenceMs = 10_000_000, HeartbeatMs = 1000, StallMs = 1000, StagedBytesMax = _random.Next(3) == 0 ? 100 : 1 << 20 };
        var hub = new HubOptions { SettleMs = 0, GraceMs = _random.Next(2) * 300 };
        _hubs = [.. Enumerable.Range(0, 2).Select(i =>
            _tree.Add(new SimulatedNode($"hub{i}", $"hub process {i}", _tree.NowMs, All, isHub: true, limits, hub, journal)))];
        _leaves = [.. Enumerable.Range(0, 3).Select(i =>
            _tree.Add(new SimulatedNode($"leaf{i}", $"leaf process {i}", _tree.NowMs, All, isHub: false, limits)))];
        _links = new SimulatedLink?[_leaves.Length];
        _published = [.. _leaves.Select(_ => new Dictionary<ObjectId, Envelope>())];
        _replayed = [.. _leaves.Select(Replay)];
        foreach (var node in _hubs)
        {
            node.Mirror.LoadStore(Scenario.Store, _revision, []);
            node.Hub!.Tick(_tree.NowMs);
        }
    }

    /// <summary>Lets something happen.</summary>
    public void Step()
    {
        var leaf = _random.Next(_leaves.Length);
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
                _trace.Add($"leaf{leaf} is interested in {Text(interest)}");
                _leaves[leaf].SetInterest(_ => interest);
                break;
            case 12:
                CatchUp(_hubs[1]);
                break;
            case 13 when _links[leaf] is { } link:
                Cut(link);
                break;
            case 14 when _links[leaf] is { } link:
                (link.UpHeld, link.DownHeld) = (_random.Next(2) == 0, _random.Next(2) == 0);
                _trace.Add($"leaf{leaf} holds up {link.UpHeld} down {link.DownHeld}");
                break;
            case 15 when _links[leaf] is { } link:
                (link.UpHeld, link.DownHeld) = (false, false);
                break;
            case < 18:
                Connect(leaf, _hubs[_random.Next(_hubs.Length)]);
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
        foreach (var link in _tree.Links)
        {
            (link.UpHeld, link.DownHeld) = (false, false);
        }

        // What a side has yet to notice of a cut it notices now; then whoever has no session gets one.
        _tree.Settle();
        for (var i = 0; i < _leaves.Length; i++)
        {
            Connect(i, _hubs[_random.Next(_hubs.Length)]);
        }

        _tree.Pass(3000);
    }

    public void Check()
    {
        foreach (var hub in _hubs)
        {
            var carried = _leaves.Where((_, i) => _links[i]!.Above == hub).ToArray();
            Assert.Equal(MirrorOracle.Text(_store.Values.Concat(DynamicAt(hub))), Content(hub.Mirror.Snapshot()).Order(StringComparer.Ordinal));
            Assert.Equal((carried.Length, carried.Length), (hub.Hub!.SessionCount, hub.Hub.CarrierCount));
        }

        for (var i = 0; i < _leaves.Length; i++)
        {
            var (mirror, link) = (_leaves[i].Mirror, _links[i]!);
            Assert.Equal((null, null), (link.Client.End, link.Server.End));
            Assert.True(mirror.IsSynced, $"{_leaves[i].Name} at {link.Above.Name} does not come to be synced.\ninterest {Text(mirror.Interest)}\nwhat happened: {string.Join('\n', _trace)}");
            Assert.Contains(mirror.Snapshot().StoredRevision, mirror.Snapshot().StoredSpace is null ? [0] : new[] { _revision });
            var expected = MirrorOracle.Text(MirrorOracle.Wanted(_store.Values, mirror.Interest)
                .Concat(MirrorOracle.Wanted([.. DynamicAt(link.Above)], mirror.Interest))
                .Concat(_published[i].Values));
            var actual = Content(mirror.Snapshot()).Order(StringComparer.Ordinal).ToArray();
            if (!expected.SequenceEqual(actual))
            {
                Assert.Fail(
                    $"{_leaves[i].Name} at {link.Above.Name} lacks {string.Join(' ', expected.Except(actual))}; has besides {string.Join(' ', actual.Except(expected))}\n"
                    + $"interest {Text(mirror.Interest)}\nwhat happened: {string.Join('\n', _trace)}");
            }

            // The events that were raised on the way add up to the same.
            Assert.Equal(
                Content(mirror.Snapshot()).Order(StringComparer.Ordinal),
                _replayed[i].Select(one => $"{one.Key.Type[2..]}/{Name(one.Key)}={one.Value}").Order(StringComparer.Ordinal));
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
        _published.Where((_, i) => _links[i]!.Above == hub).SelectMany(published => published.Values);

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
            _leaves[leaf].Mirror.Publish([], [one.Id]);
        }
        else
        {
            _published[leaf][one.Id] = one;
            _leaves[leaf].Mirror.Publish([one], []);
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

    private void Connect(int leaf, SimulatedNode hub)
    {
        if (_links[leaf] is not { Client.End: null })
        {
            _trace.Add($"leaf{leaf} connects to {hub.Name}");
            _links[leaf] = _tree.Connect(_leaves[leaf], hub);
        }
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

            _leaves[_random.Next(_leaves.Length)].RunHandler();
        }
    }
}
