using Notify.Core.Journal;
using Notify.Testing.Tree;

namespace Notify.Core.Tests.Parts;

/// <summary>Entries in commit order, one per key: cuts stay as they were taken, floors rise over what is dropped.</summary>
public sealed class LaneTests
{
    private long _sequence;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomOperations_KeepOrder_AndCutsStay(int seed)
    {
        var random = new Random(seed);
        var lane = new Lane(int.MaxValue, 0, 0);
        var model = new List<LaneEntry>();
        var cuts = new List<(LaneCut Cut, LaneEntry[] Content)>();
        for (var step = 0; step < 8000; step++)
        {
            switch (random.Next(step % 2000 < 1000 ? 4 : 10))
            {
                case < 3:
                    _sequence += random.Next(2);
                    var added = Entry(LaneEntryKind.Upsert);
                    lane.Append(added);
                    model.Add(added);
                    break;
                default:
                    if (model.Count > 0)
                    {
                        var at = random.Next(3) == 0 ? random.Next(model.Count) : Math.Max(0, model.Count - 1 - random.Next(3));
                        lane.Remove(model[at]);
                        model.RemoveAt(at);
                    }

                    break;
            }

            Assert.Equal(model.Count, lane.Count);
            if (random.Next(50) == 0)
            {
                var after = random.NextInt64(_sequence + 1);
                var content = model.Where(entry => entry.Sequence > after).ToArray();
                cuts.Add((lane.CutAfterSequence(after), content));
                Assert.Equal(content.Length, cuts[^1].Cut.Count);
                Assert.Equal(model.Where(entry => entry.Revision > after * 10), lane.CutAfterRevision(after * 10).Entries);
            }
        }

        Assert.True(cuts.Count > 50);
        Assert.All(cuts, cut => Assert.True(cut.Content.SequenceEqual(cut.Cut.Entries)));
    }

    [Fact]
    public void Markers_BeyondTheLimit_AreDroppedOldestFirst_AndRaiseTheFloor()
    {
        var lane = new Lane(2, 0, 0);
        var markers = Enumerable.Range(0, 5).Select(_ =>
        {
            _sequence++;
            return Entry(LaneEntryKind.Deleted);
        }).ToArray();
        _sequence = 100;
        foreach (var marker in markers)
        {
            lane.Append(marker);
        }

        lane.Append(Entry(LaneEntryKind.Upsert));
        Assert.Equal(0, lane.Floor);

        Assert.Equal(markers[..3], lane.TrimMarkers());
        Assert.Equal((3, markers[2].Revision, markers[2].Sequence), (lane.Count, lane.Floor, lane.FloorSequence));
        Assert.Null(lane.TrimMarkers());
    }

    [Fact]
    public void Markers_ThatWereReplaced_DoNotCount_AndRaiseNoFloor()
    {
        var lane = new Lane(2, 0, 0);
        for (var i = 0; i < 1000; i++)
        {
            _sequence++;
            var marker = Entry(LaneEntryKind.Left);
            lane.Append(marker);
            Assert.Null(lane.TrimMarkers());
            lane.Remove(marker);
        }

        Assert.Equal((0, 0), (lane.Count, lane.Floor));
    }

    [Fact]
    public void Floor_OnlyRises()
    {
        var lane = new Lane(0, 5, 50);
        lane.RaiseFloor(3, 30);
        Assert.Equal((5, 50), (lane.Floor, lane.FloorSequence));
        lane.RaiseFloor(7, 70);
        Assert.Equal((7, 70), (lane.Floor, lane.FloorSequence));
    }

    private LaneEntry Entry(LaneEntryKind kind) => new(
        _sequence, _sequence * 10, TestTypes.Id("t", "x"), kind, null, Direct: false, DirectSince: 0, Stamp: null, Origin.Local, OriginSince: 0);
}
