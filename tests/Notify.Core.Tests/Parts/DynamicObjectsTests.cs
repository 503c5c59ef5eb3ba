using Notify.Core.Journal;
using Notify.Core.Types;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests.Parts;

/// <summary>Carriers and candidates: which version of a dynamic object shows.</summary>
public sealed class DynamicObjectsTests
{
    private readonly SpaceJournal _journal;
    private readonly DynamicObjects _objects;
    private readonly Carrier _own = new(0, Origin.Local);
    private readonly Carrier _a = new(1, new Origin("a"));
    private readonly Carrier _b = new(2, new Origin("b"));

    public DynamicObjectsTests()
    {
        var types = new TypeTable();
        foreach (var type in All)
        {
            types.Declare(type);
        }

        _journal = new SpaceJournal(types, new JournalLimits(), hasScopeLanes: true);
        _journal.BeginSpace(new Space("hub", "1"), 0);
        _objects = new DynamicObjects(types, _journal);
    }

    [Fact]
    public void Offer_TheLatestShows_AndWithdrawFallsBackToTheOneBefore()
    {
        Assert.True(Offer(_a, "x", "of a", new Stamp("a", 1, 1)));
        Assert.True(Offer(_b, "x", "of b", new Stamp("b", 1, 1)));
        Shows("of b");
        Assert.True(Offer(_a, "x", "of a again", new Stamp("a", 1, 2)));
        Shows("of a again");

        Assert.True(Withdraw(_a, "x", new Stamp("a", 1, 3)));
        Shows("of b");
        Assert.True(Withdraw(_b, "x", null));
        Shows(null);
    }

    [Fact]
    public void Withdraw_OfWhatDoesNotShow_ShowsNowhere()
    {
        Offer(_a, "x", "of a", new Stamp("a", 1, 1));
        Offer(_b, "x", "of b", new Stamp("b", 1, 1));
        var head = _journal.Head;

        Assert.False(Withdraw(_a, "x", new Stamp("a", 1, 2)));
        Assert.False(Withdraw(_a, "x", null));
        Assert.False(Withdraw(_a, "never", null));

        Assert.Equal(head, _journal.Head);
        Shows("of b");
    }

    [Fact]
    public void Offer_OfAnOlderStamp_ChangesNothing()
    {
        Offer(_a, "x", "new", new Stamp("a", 2, 1));

        Assert.False(Offer(_a, "x", "older attachment", new Stamp("a", 1, 9)));
        Assert.False(Withdraw(_a, "x", new Stamp("a", 1, 9)));
        Assert.True(Offer(_a, "x", "newer", new Stamp("a", 2, 2)));
        Shows("newer");
    }

    [Fact]
    public void Offer_AfterAnOwnersRemoval_NeedsANewerStamp()
    {
        Offer(_a, "x", "x", new Stamp("a", 1, 1));
        Withdraw(_a, "x", new Stamp("a", 1, 5));

        Assert.False(Offer(_a, "x", "late", new Stamp("a", 1, 5)));
        Shows(null);
        Assert.True(Offer(_b, "x", "another owner's", new Stamp("b", 1, 1)));
        Shows("another owner's");
    }

    [Fact]
    public void Offer_OfTheSameContent_ShowsNothingNew()
    {
        Offer(_a, "x", "same", new Stamp("a", 1, 1));
        var head = _journal.Head;

        Assert.False(Offer(_a, "x", "same", new Stamp("a", 1, 2)));

        Assert.Equal(head, _journal.Head);
    }

    [Fact]
    public void Owner_OverAnotherCarrier_TakesItsKeyAlong()
    {
        // The same node by another way: what the first carrier brought is superseded, and its end takes nothing.
        var other = new Carrier(3, new Origin("a"));
        Offer(_a, "x", "first", new Stamp("a", 1, 1));
        Offer(other, "x", "second", new Stamp("a", 2, 1));

        Assert.Empty(_a.Keys);
        Assert.Equal(0, Flush(_a));
        Shows("second");
        Assert.Equal(1, Flush(other));
        Shows(null);
    }

    [Fact]
    public void Flush_TakesWhatTheCarrierHas_ButForKeptTypes_AndForgetsWhereItWas()
    {
        Offer(_a, "x", "1", new Stamp("a", 1, 1));
        Offer(_a, "y", "2", new Stamp("a", 1, 2));
        Offer(_b, "y", "of b", new Stamp("b", 1, 1));
        Change(() => _objects.Offer(_a, Object(Note, "n", "kept") with { Stamp = new Stamp("a", 1, 3) }));
        (_a.SenderSpace, _a.SenderRevision) = (new Space("a", "1"), 3);

        Assert.Equal(1, Flush(_a));

        Assert.Equal([Id(Note, "n")], _a.Keys);
        Assert.Equal((null, 0), (_a.SenderSpace, _a.SenderRevision));
        Assert.NotNull(_journal.Snapshot.Table(Alarm).ByKey.Find(Key("y")));
        Assert.Equal(1, _journal.Snapshot.Table(Note).ByKey.Count);
    }

    [Fact]
    public void Retag_MovesAnObjectToAnotherCarrier_AndShowsNothing()
    {
        var next = new Carrier(3, _a.Origin);
        Offer(_a, "x", "1", new Stamp("a", 1, 1));
        var head = _journal.Head;

        Change(() =>
        {
            _objects.Retag(_a, next, Id(Alarm, "x"), 2);
            return true;
        });

        Assert.Equal((head, 0, 1), (_journal.Head, _a.Keys.Count, next.Keys.Count));
        Assert.Equal(0, Flush(_a));
        Shows("1");
    }

    [Fact]
    public void Shadowed_IsWhatTheUpstreamStandsInFrontOf()
    {
        var upstream = new Carrier(0, Origin.Upstream);
        Change(() => _objects.Offer(_own, Object(Alarm, "x", "own") with { Stamp = new Stamp("node", 0, 1) }));
        Assert.Empty(_objects.Shadowed);
        Offer(upstream, "x", "from above", new Stamp("far", 1, 1));

        Assert.Equal("own", Assert.Single(_objects.Shadowed).Envelope.Value.ToStringUtf8());
        Withdraw(upstream, "x", null);
        Assert.Empty(_objects.Shadowed);
        Shows("own");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void RandomOffersAndEnds_ShowTheLatestOfWhoIsThere_AndLeaveNothing(int seed)
    {
        var random = new Random(seed);
        var carriers = Enumerable.Range(0, 5).Select(i => new Carrier(i, new Origin($"n{i}"))).ToArray();
        var model = new Dictionary<string, List<(int Carrier, string Value)>>();
        for (var step = 1; step < 5000; step++)
        {
            var (carrier, name) = (random.Next(5), $"k{random.Next(8)}");
            var versions = model.TryGetValue(name, out var known) ? known : model[name] = [];
            switch (random.Next(10))
            {
                case < 6:
                    Offer(carriers[carrier], name, $"{step}", new Stamp($"n{carrier}", 1, step));
                    versions.RemoveAll(one => one.Carrier == carrier);
                    versions.Add((carrier, $"{step}"));
                    break;
                case < 9:
                    Withdraw(carriers[carrier], name, new Stamp($"n{carrier}", 1, step));
                    versions.RemoveAll(one => one.Carrier == carrier);
                    break;
                default:
                    Flush(carriers[carrier]);
                    foreach (var all in model.Values)
                    {
                        all.RemoveAll(one => one.Carrier == carrier);
                    }

                    break;
            }

            Assert.Equal(
                model.Where(one => one.Value.Count > 0).Select(one => $"{one.Key}={one.Value[^1].Value}").Order(StringComparer.Ordinal),
                _journal.Snapshot.Table(Alarm).ByKey.From().Select(row => $"{Name(row.Value.Id)}={row.Value.Value.ToStringUtf8()}").Order(StringComparer.Ordinal));
        }
    }

    private bool Offer(Carrier carrier, string name, string value, Stamp stamp) =>
        Change(() => _objects.Offer(carrier, Object(Alarm, name, value) with { Stamp = stamp }));

    private bool Withdraw(Carrier carrier, string name, Stamp? stamp) =>
        Change(() => _objects.Withdraw(carrier, Id(Alarm, name), LaneEntryKind.Deleted, stamp));

    private int Flush(Carrier carrier) => Change(() => _objects.Flush(carrier));

    private TResult Change<TResult>(Func<TResult> change)
    {
        _journal.Begin(_journal.Head + 1);
        var result = change();
        if (_journal.HasChanges)
        {
            _journal.End();
        }
        else
        {
            _journal.Cancel();
        }

        return result;
    }

    private void Shows(string? value) =>
        Assert.Equal(value, _journal.Snapshot.Table(Alarm).ByKey.Find(Key("x"))?.Value.ToStringUtf8());
}
