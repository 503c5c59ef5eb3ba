using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using static Notify.Testing.Tree.TestTypes;
using Envelope = Notify.Core.Types.Envelope;
using Stamp = Notify.Core.Types.Stamp;

namespace Notify.Core.Tests.Parts;

/// <summary>Frames of changes are written by hand, from parts that are encoded once: a protobuf parser has to read them all the same.</summary>
public sealed class FrameBufferTests
{
    private readonly Types.TypeTable _types = new();

    public FrameBufferTests()
    {
        foreach (var type in All)
        {
            _types.Declare(type);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Changes_OfAnySizes_AreReadBackAsWritten(int seed)
    {
        var random = new Random(seed);
        var changes = Enumerable.Range(0, 400).Select(i => AnyChange(random, i)).ToList();
        using var output = new FrameBuffer("node") { FrameBytesTarget = 1000 + random.Next(4000) };
        using var rest = Walk(changes);
        var read = new List<Change>();
        var more = rest.MoveNext();
        for (ulong number = 1; more && number < 1000; number++)
        {
            more = output.WriteChanges(SpaceKind.Stored, rest, _types);
            var frame = Frame.Parser.ParseFrom(output.Frame.Span);
            Assert.Equal((number, SpaceKind.Stored), (frame.Number, frame.BundleChanges.Space));
            read.AddRange(frame.BundleChanges.Changes);

            // Closed as soon as it is full: only its last change goes over.
            Assert.True(output.Frame.Length - frame.BundleChanges.Changes[^1].CalculateSize() <= output.FrameBytesTarget + 32);
        }

        Assert.Equal(changes.Select(Expected), read);
    }

    [Fact]
    public void Frames_OfAllKinds_AreNumberedInOneRow_AlsoAfterTheMemoryWasGivenBack()
    {
        using var output = new FrameBuffer("node");
        output.Write(new Frame { Heartbeat = new Heartbeat() });
        Assert.Equal(1ul, Frame.Parser.ParseFrom(output.Frame.Span).Number);
        output.Release();
        Assert.True(output.Frame.IsEmpty);
        using var one = Walk(OutgoingChange.Upsert(Object(App, "a", "x")));
        one.MoveNext();

        Assert.False(output.WriteChanges(SpaceKind.Stored, one, _types));
        Assert.Equal(2ul, Frame.Parser.ParseFrom(output.Frame.Span).Number);
        output.Write(new Frame { Goodbye = new Goodbye { Reason = "r" } });
        Assert.Equal((3ul, "r"), (Frame.Parser.ParseFrom(output.Frame.Span).Number, Frame.Parser.ParseFrom(output.Frame.Span).Goodbye.Reason));
    }

    [Fact]
    public void Versions_AreEncodedOnceForAllSessions()
    {
        var envelope = Object(Inst, "i", "x", "berlin", (App, "web"));
        var header = envelope.WireHeader(_types);
        foreach (var node in new[] { "a", "b" })
        {
            using var output = new FrameBuffer(node);
            using var one = Walk(OutgoingChange.Upsert(envelope));
            one.MoveNext();
            output.WriteChanges(SpaceKind.Stored, one, _types);
            Assert.True(output.Frame.Span.IndexOf(header) > 0);
        }

        Assert.Same(header, envelope.WireHeader(_types));
        Assert.NotSame(header, (envelope with { Revision = 9 }).WireHeader(_types));
    }

    [Fact]
    public void OwnObjects_GoUpUnderTheNumberOfTheirSession_OthersAsTheyCame()
    {
        var own = Object(Alarm, "own", "x") with { Stamp = new Stamp("node", 0, 5) };
        var carried = Object(Alarm, "carried", "x") with { Stamp = new Stamp("below", 3, 6) };
        var removal = new OutgoingChange(Id(Alarm, "gone"), null, 7, RemovalReason.Deleted, new Stamp("node", 0, 7));
        using var output = new FrameBuffer("node") { Attachment = 12 };
        using var changes = Walk(OutgoingChange.Upsert(own), OutgoingChange.Upsert(carried), removal);
        changes.MoveNext();
        output.WriteChanges(SpaceKind.Dynamic, changes, _types);

        var stamps = Frame.Parser.ParseFrom(output.Frame.Span).BundleChanges.Changes.Select(change => change.Stamp);
        Assert.Equal([("node", 12, 5), ("below", 3, 6), ("node", 12, 7)], stamps.Select(stamp => (stamp.Node, stamp.Attachment, stamp.Revision)));
    }

    // A list's own enumerator is a struct: passed on, each call would begin from the same place.
    private static IEnumerator<OutgoingChange> Walk(params IEnumerable<OutgoingChange> changes)
    {
        foreach (var change in changes)
        {
            yield return change;
        }
    }

    private static OutgoingChange AnyChange(Random random, int i)
    {
        if (random.Next(5) == 0)
        {
            return new OutgoingChange(Id(Inst, $"i{i}"), null, i, RemovalReason.Left, null);
        }

        // Around the sizes at which a length takes one byte more.
        int[] sizes = [0, 1, 100, 127, 128, 129, 5000, 16_383, 16_384, 16_500];
        var value = new string('x', random.Next(4) == 0 ? sizes[random.Next(sizes.Length)] : random.Next(40));
        return OutgoingChange.Upsert(Object(Inst, $"i{i}", value, random.Next(2) == 0 ? "berlin" : null, (App, "web")) with { Revision = i });
    }

    private Change Expected(OutgoingChange change)
    {
        var expected = new Change
        {
            Type = (uint)_types.Find(change.Id.Type)!.Number,
            Key = change.Id.Key,
            Revision = change.Revision,
            Removed = change.Reason,
        };
        if (change.Envelope is Envelope envelope)
        {
            expected.Value = envelope.Value;
            expected.Scopes.Add(envelope.Scopes.Select(scope => scope.Key));
            expected.References.Add(envelope.References.Select(target => new Reference { Type = (uint)_types.Find(target.Type)!.Number, Key = target.Key }));
        }

        return expected;
    }
}
