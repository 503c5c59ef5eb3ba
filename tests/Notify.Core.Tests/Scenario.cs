using Notify.Core.Journal;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>A store's history, hubs that follow it, and nodes below them, in a simulated tree.</summary>
internal sealed class Scenario
{
    private readonly List<(long Revision, Envelope[] Upserts, ObjectId[] Deletes)> _commits = [];
    private readonly SessionLimits? _limits;
    private readonly JournalLimits? _journal;
    private int _processes;

    public Scenario(SessionLimits? limits = null, HubOptions? hub = null, JournalLimits? journal = null)
    {
        (_limits, _journal) = (limits, journal);
        Hub = AddHub("hub", hub);
    }

    public static Space Store { get; } = new("store", "1");

    public SimulatedTree Tree { get; } = new();

    public SimulatedNode Hub { get; }

    /// <summary>The store's revision.</summary>
    public long Revision { get; private set; }

    /// <summary>A hub whose store is not loaded yet.</summary>
    public SimulatedNode AddHub(string name, HubOptions? options = null)
    {
        var hub = Tree.Add(new SimulatedNode(name, NextProcess(), Tree.NowMs, All, isHub: true, _limits, options, _journal));
        hub.Hub!.Tick(Tree.NowMs);
        return hub;
    }

    /// <summary>A node that others connect to and that connects to others.</summary>
    public SimulatedNode Relay(string name, HubOptions? options = null)
    {
        var relay = Tree.Add(new SimulatedNode(
            name, NextProcess(), Tree.NowMs, [], isHub: false, _limits, options ?? new HubOptions { SettleMs = 0, InterestLingerMs = 0 }, _journal, isRelay: true));
        relay.Hub!.Tick(Tree.NowMs);
        return relay;
    }

    public SimulatedNode Leaf(string name, Func<Interest, Interest>? interest = null, string? process = null, IEnumerable<TypeDeclaration>? types = null)
    {
        var leaf = Tree.Add(new SimulatedNode(name, process ?? NextProcess(), Tree.NowMs, types ?? All, isHub: false, _limits));
        leaf.SetInterest(interest ?? (none => none));
        return leaf;
    }

    /// <summary>A new process under the name of a leaf: its memory is empty, its interest the same.</summary>
    public SimulatedNode Restart(SimulatedNode leaf) => Leaf(leaf.Name, _ => leaf.Mirror.Interest);

    public SimulatedLink Connect(SimulatedNode below, SimulatedNode? above = null)
    {
        var link = Tree.Connect(below, above ?? Hub);
        Tree.Settle();
        return link;
    }

    /// <summary>The node of a link opens a session elsewhere while that one stands.</summary>
    public SimulatedLink HandOver(SimulatedLink from, SimulatedNode to)
    {
        Assert.True(from.Client.TryPause());
        var link = Tree.Connect(from.Below, to, from);
        Tree.Settle();
        return link;
    }

    /// <summary>Commits to the store as one epoch, and to the hub if it has loaded.</summary>
    public void Write(params Envelope[] upserts) => Commit(upserts, []);

    public void Delete(params ObjectId[] deletes) => Commit([], deletes);

    public void Commit(Envelope[] upserts, ObjectId[] deletes)
    {
        Revision++;
        _commits.Add((Revision, [.. upserts.Select(upsert => upsert with { Revision = Revision })], deletes));
        CatchUp(Hub);
    }

    /// <summary>A commit that the hub has not seen yet.</summary>
    public void CommitUnseen(Envelope[] upserts, ObjectId[] deletes)
    {
        Revision++;
        _commits.Add((Revision, [.. upserts.Select(upsert => upsert with { Revision = Revision })], deletes));
    }

    /// <summary>Loads the store into a hub, or applies what it has missed, up to a revision.</summary>
    public void CatchUp(SimulatedNode hub, long upTo = long.MaxValue)
    {
        if (hub.Mirror.Snapshot().StoredSpace is null)
        {
            Load(hub, Store, upTo);
        }

        foreach (var (revision, upserts, deletes) in _commits.Where(commit => commit.Revision > hub.Mirror.Snapshot().StoredRevision && commit.Revision <= upTo))
        {
            hub.Mirror.ApplyStoreCommit(revision, upserts, deletes);
        }

        Tree.Settle();
    }

    /// <summary>Loads the store's state as of a revision in one epoch.</summary>
    public void Load(SimulatedNode hub, Space space, long upTo = long.MaxValue)
    {
        hub.Mirror.LoadStore(space, Math.Min(upTo, Revision), State(upTo).Values);
        Tree.Settle();
    }

    /// <summary>What the store holds.</summary>
    public Dictionary<ObjectId, Envelope> State(long upTo = long.MaxValue)
    {
        var state = new Dictionary<ObjectId, Envelope>();
        foreach (var (_, upserts, deletes) in _commits.Where(commit => commit.Revision <= upTo))
        {
            foreach (var upsert in upserts)
            {
                state[upsert.Id] = upsert;
            }

            Array.ForEach(deletes, id => state.Remove(id));
        }

        return state;
    }

    /// <summary>A flavor, an app of it, and an instance of that in berlin and one in paris.</summary>
    public Scenario WithSmallWorld()
    {
        Write(Object(Flavor, "small", "f"));
        Write(Object(App, "web", "a", null, (Flavor, "small")));
        Write(Object(Inst, "b1", "x", "berlin", (App, "web")));
        Write(Object(Inst, "p1", "y", "paris", (App, "web")));
        return this;
    }

    /// <summary>An interest in everything that nodes own.</summary>
    public static Interest Dynamic(Interest none) => none.With(Status, Selector.All).With(Alarm, Selector.All).With(Note, Selector.All);

    public static void Holds(SimulatedNode node, params string[] expected) =>
        Assert.Equal(expected.Order(StringComparer.Ordinal), Content(node.Mirror.Snapshot()).Order(StringComparer.Ordinal));

    /// <summary>What was sent over a link from a point of its log on: "key" for upserts, "-key (reason)" for removals.</summary>
    public static List<string> Sent(SimulatedLink link, bool isDown, int from = 0) =>
    [
        .. link.Log.Skip(from)
            .Where(entry => entry.IsDown == isDown && entry.Frame.BundleChanges is not null)
            .SelectMany(entry => entry.Frame.BundleChanges.Changes)
            .Select(change => change.Removed == Protocol.RemovalReason.None
                ? Name(new ObjectId("", change.Key))
                : $"-{Name(new ObjectId("", change.Key))} ({change.Removed})"),
    ];

    private string NextProcess() => $"process-{++_processes}";
}
