using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Core.Types;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests.Parts;

/// <summary>Scope lanes: their closures are what the objects say, and whoever follows a lane from a cursor that may resume has them.</summary>
public sealed class SpaceJournalTests
{
    private static readonly string[] s_sites = ["berlin", "paris", "rome"];
    private readonly TypeTable _types = new();
    private readonly SpaceJournal _journal;
    private readonly Dictionary<ObjectId, Envelope> _model = [];
    private long _revision;

    public SpaceJournalTests() => _journal = Create(new JournalLimits());

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(2, 3)]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    public void Lanes_AreTheirClosures_AndFollowersHaveThem(int seed, int markersMax)
    {
        var random = new Random(seed);
        var journal = Create(new JournalLimits { TombstonesMax = markersMax, ScopeMarkersMax = markersMax });
        var followers = s_sites.SelectMany(site => new[] { new Follower(journal, site, true), new Follower(journal, site, false) }).ToArray();
        for (var step = 0; step < 1500; step++)
        {
            journal.Begin(++_revision);
            for (var changes = 1 + random.Next(4); changes > 0; changes--)
            {
                Change(journal, random);
            }

            journal.End();
            foreach (var follower in followers.Where(_ => random.Next(4) == 0))
            {
                follower.Follow();
                Assert.Equal(Closure(follower.Site), follower.Content.Order(StringComparer.Ordinal));
            }

            // Nothing is remembered but what is there, what markers are left, and what is referred to.
            Assert.True(journal.RecordCount <= 13 + 4, $"{journal.RecordCount} records");
            Assert.Equal(_model.Count, journal.Main.CutAfterRevision(0).Entries.Count(entry => !entry.IsMarker));
        }

        journal.Begin(++_revision);
        foreach (var id in _model.Keys)
        {
            journal.Remove(journal.Find(id)!, LaneEntryKind.Deleted, _revision);
        }

        journal.End();
        Assert.True(markersMax > 0 || (journal.RecordCount, journal.LaneCount) == (0, 0));
        Assert.Equal(markersMax > 3, followers.All(follower => follower.Restarts <= 1));
    }

    [Fact]
    public void Target_IsCountedByReferrer_AlsoWhileItIsMissing()
    {
        Epoch(Object(Inst, "i", "x", "berlin", (App, "web")), Object(Inst, "j", "x", "berlin", (App, "web")));
        Assert.Equal(2, Member(App, "web")!.Referrers);
        Assert.False(Member(App, "web")!.Visible);

        Epoch(Object(App, "web", "a", null, (Flavor, "small")));
        Assert.True(Member(App, "web")!.Visible);
        Assert.Equal(1, Member(Flavor, "small")!.Referrers);

        Epoch(Object(Inst, "i", "x", "berlin"));
        Assert.Equal(1, Member(App, "web")!.Referrers);
        Epoch(Object(Inst, "j", "x", "paris", (App, "web")));

        // A marker tells that it left; what was never there leaves nothing.
        Assert.Equal((LaneEntryKind.Left, 0), (Member(App, "web")!.Entry!.Kind, Member(App, "web")!.Referrers));
        Assert.Null(Member(Flavor, "small"));
        Assert.Equal(1, _journal.FindLane(InSite("paris"))!.Members[Id(App, "web")].Referrers);
    }

    [Fact]
    public void Reference_GivenTwice_IsCountedOnce()
    {
        Epoch(Object(Inst, "i", "x", "berlin", (App, "web"), (App, "web")), Object(App, "web", "a"));
        Assert.Equal(1, Member(App, "web")!.Referrers);
        Epoch(Object(Inst, "i", "x", "berlin", (App, "web")));
        Epoch(Object(Inst, "i", "x", "berlin"));

        Assert.False(Member(App, "web")!.Visible);
    }

    [Fact]
    public void Delete_LeavesATombstone_ThatCountsAsHeld()
    {
        Epoch(Object(Inst, "i", "x", "berlin"));
        Delete(LaneEntryKind.Deleted);

        Assert.Equal((LaneEntryKind.Deleted, 2), (_journal.Find(Id(Inst, "i"))!.Main!.Kind, _journal.Find(Id(Inst, "i"))!.Revision));
        Assert.Equal(LaneEntryKind.Deleted, Member(Inst, "i")!.Entry!.Kind);
    }

    [Fact]
    public void Left_ForgetsTheRevision_SoThatTheObjectMayComeBack()
    {
        Epoch(Object(Inst, "i", "x", "berlin"));
        Delete(LaneEntryKind.Left);

        Assert.Equal((LaneEntryKind.Left, 0), (_journal.Find(Id(Inst, "i"))!.Main!.Kind, _journal.Find(Id(Inst, "i"))!.Revision));
    }

    [Fact]
    public void Lane_ThatIsNew_HasTheFloorOfThoseThatWereForgotten()
    {
        var journal = Create(new JournalLimits { ScopeMarkersMax = 0 });
        Epoch(journal, Object(Inst, "i", "x", "berlin"));
        Assert.True(journal.CanResume(InSite("berlin"), 0, null));
        Epoch(journal, Object(Inst, "i", "x", "paris"));

        Assert.Null(journal.FindLane(InSite("berlin")));
        Assert.False(journal.CanResume(InSite("berlin"), 1, null));
        Assert.True(journal.CanResume(InSite("berlin"), 2, null));
        Assert.False(journal.CanResume(InSite("berlin"), 2, journal.Sequence - 1));
    }

    [Fact]
    public void Incarnation_KeepsWhatIsHeld_AndResumesNobody()
    {
        Epoch(Object(Inst, "i", "x", "berlin", (App, "web")), Object(App, "web", "a"));
        Delete(LaneEntryKind.Deleted);
        Epoch(Object(Inst, "k", "x", "berlin", (App, "web")));
        var sequence = _journal.Sequence;

        _journal.BeginSpace(new Space("store", "2"), 1);

        Assert.Equal((1, "2"), (_journal.Head, _journal.Space!.Incarnation));
        Assert.Null(_journal.Find(Id(Inst, "i")));
        Assert.Equal(0, _journal.Find(Id(Inst, "k"))!.Revision);
        Assert.Equal(2, _journal.FindLane(InSite("berlin"))!.Lane.CutAfterSequence(sequence).Count);
        Assert.False(_journal.CanResume(InSite("berlin"), 0, sequence));
        Assert.True(_journal.Main.FloorSequence > sequence);
    }

    [Fact]
    public void Epoch_ThatChangesNothing_CanBeTakenBack()
    {
        Epoch(Object(App, "web", "a"));
        var before = _journal.Snapshot;

        _journal.Begin(9);
        Assert.False(_journal.HasChanges);
        _journal.Cancel();

        Assert.Same(before, _journal.Snapshot);
    }

    private SpaceJournal Create(JournalLimits limits)
    {
        foreach (var type in All)
        {
            _types.Declare(type);
        }

        var journal = new SpaceJournal(_types, limits, hasScopeLanes: true);
        journal.BeginSpace(new Space("store", "1"), 0);
        return journal;
    }

    private void Epoch(params Envelope[] upserts) => Epoch(_journal, upserts);

    private void Epoch(SpaceJournal journal, params Envelope[] upserts)
    {
        journal.Begin(++_revision);
        foreach (var upsert in upserts)
        {
            journal.Upsert(journal.FindOrAdd(upsert.Id), upsert with { Revision = _revision });
        }

        journal.End();
    }

    private void Delete(LaneEntryKind kind)
    {
        _journal.Begin(++_revision);
        _journal.Remove(_journal.Find(Id(Inst, "i"))!, kind, _revision);
        _journal.End();
    }

    private LaneMember? Member(string type, string name) => _journal.FindLane(InSite("berlin"))!.Members.GetValueOrDefault(Id(type, name));

    private void Change(SpaceJournal journal, Random random)
    {
        var id = random.Next(3) switch
        {
            0 => Id(Flavor, $"f{random.Next(3)}"),
            1 => Id(App, $"a{random.Next(4)}"),
            _ => Id(Inst, $"i{random.Next(6)}"),
        };
        if (random.Next(3) == 0)
        {
            if (_model.Remove(id))
            {
                journal.Remove(journal.Find(id)!, random.Next(2) == 0 ? LaneEntryKind.Deleted : LaneEntryKind.Left, _revision);
            }

            return;
        }

        // Now and then an app has a scope of its own, and belongs there only.
        var site = id.Type == Flavor || random.Next(id.Type == App ? 4 : 1) != 0 ? null : s_sites[random.Next(3)];
        (string, string)[] targets = id.Type == App ? [(Flavor, $"f{random.Next(3)}")]
            : id.Type == Inst ? [(App, $"a{random.Next(4)}"), (App, $"a{random.Next(4)}")]
            : [];
        var version = Object(id.Type, Name(id), $"{_revision}/{random.Next()}", site, targets) with { Revision = _revision };
        if (id.Type == Inst && random.Next(4) == 0)
        {
            version = version with { Scopes = [InSite("berlin"), InSite("rome")] };
        }

        _model[id] = version;
        journal.Upsert(journal.FindOrAdd(id), version);
    }

    private string[] Closure(string site)
    {
        var interest = new[] { Flavor, App, Inst }.Aggregate(
            Interest.None, (all, type) => all.With(type, Selector.In(InSite(site))).With(type, Selector.Referred));
        return MirrorOracle.Text(MirrorOracle.Wanted(_model.Values, interest));
    }

    /// <summary>Follows one lane by cuts, from a sequence or from a revision, and starts anew where the lane says that it has to.</summary>
    private sealed class Follower(SpaceJournal journal, string site, bool bySequence)
    {
        private readonly Dictionary<ObjectId, Envelope> _held = [];
        private long _revision = -1;
        private long _sequence = -1;

        public string Site => site;

        public int Restarts { get; private set; }

        public IEnumerable<string> Content => MirrorOracle.Text(_held.Values);

        public void Follow()
        {
            var lane = journal.FindLane(InSite(site));
            if (!journal.CanResume(InSite(site), _revision, bySequence ? _sequence : null))
            {
                _held.Clear();
                (_revision, _sequence, Restarts) = (-1, -1, Restarts + 1);
            }

            var cut = lane is null ? LaneCut.Empty : bySequence ? lane.Lane.CutAfterSequence(_sequence) : lane.Lane.CutAfterRevision(_revision);
            foreach (var entry in cut.Entries)
            {
                if (entry.Envelope is { } envelope)
                {
                    _held[entry.Id] = envelope;
                }
                else
                {
                    _held.Remove(entry.Id);
                }
            }

            (_revision, _sequence) = (journal.Head, journal.Sequence);
        }
    }
}
