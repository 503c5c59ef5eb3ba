using Google.Protobuf;
using Notify.Client.Transport;
using Notify.Core.Journal;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Server.Objects;
using Notify.Testing;
using static Notify.Server.Tests.Objects.ObjectsNode;

namespace Notify.Server.Tests.Objects;

public sealed class ObjectWatchTests
{
    [Fact]
    public async Task Watch_FromTheStart_ShowsTheStateAndThenEachChange()
    {
        await using var node = await StartAsync();
        await node.PutAsync(App("maps", "small"));
        var last = await node.PutAsync(Flavor("small"));
        await using var watch = Watch(node, new WatchRequest());
        var state = await ReadAsync(node, watch);

        Assert.True(state is { Initial: true, More: false });
        Assert.Equal(["put edge.v1.Flavor", "put edge.v1.App"], state.Events.Select(TextOf));
        Assert.Equal(last.Revision, state.Position.StoredRevision);

        var committed = await node.CommitAsync(
            new WriteChange { Put = Pack(App("chat", "large")) }, new WriteChange { Put = Pack(Flavor("large")) }, new WriteChange { Delete = FlavorName("small") });
        var change = await ReadAsync(node, watch);
        Assert.False(change.Initial);
        Assert.Equal(["put edge.v1.Flavor", "put edge.v1.App", "removed edge.v1.Flavor"], change.Events.Select(TextOf));
        Assert.Equal(committed.Revision, change.Position.StoredRevision);
        Assert.Equal([committed.Revision, committed.Revision], change.Events.Take(2).Select(one => one.Put.Revision));
    }

    [Fact]
    public async Task Watch_OfAnEmptyMirror_SaysSoAtOnce()
    {
        await using var node = await StartAsync();
        await using var watch = Watch(node, new WatchRequest());
        var state = await ReadAsync(node, watch);

        Assert.True(state is { Initial: true, More: false, Events.Count: 0, Position.Synced: true });
    }

    [Fact]
    public async Task Watch_OfAScope_ShowsObjectsComeAndLeave()
    {
        await using var node = await StartAsync();
        await node.PutAsync(Inst("a", "paris"));
        await node.PutAsync(Inst("b", "oslo"));
        await using var watch = Watch(node, new WatchRequest { Filter = new ObjectFilter { Scope = Scope("paris") } });
        Assert.Equal(["put edge.v1.AppInst"], (await ReadAsync(node, watch)).Events.Select(TextOf));

        await node.PutAsync(Inst("b", "oslo", generation: 1));
        await node.PutAsync(Flavor("unrelated"));
        await node.PutAsync(Inst("a", "oslo"));
        Assert.Equal(["left edge.v1.AppInst"], (await ReadAsync(node, watch)).Events.Select(TextOf));
        await node.PutAsync(Inst("b", "paris"));
        Assert.Equal("b", Assert.Single((await ReadAsync(node, watch)).Events).Put.Value.Unpack<AppInst>().Key.Name);
        await node.DeleteAsync(NameOf("AppInst", Inst("a", "oslo").Key));
        await node.DeleteAsync(NameOf("AppInst", Inst("b", "paris").Key));
        var removed = Assert.Single((await ReadAsync(node, watch)).Events);
        Assert.Equal(Inst("b", "paris").Key.ToByteString(), removed.Removed.Key);
    }

    [Fact]
    public async Task Watch_OfATypeThatBecomesKnownLater_ShowsItWithoutBeingNamed()
    {
        var types = EdgeTypes.All.Where(type => type.Name != "edge.v1.Flavor").ToList();
        await using var node = await StartAsync(types: types);
        await using var watch = Watch(node, new WatchRequest());
        await ReadAsync(node, watch);

        var flavor = EdgeTypes.All.Single(type => type.Name == "edge.v1.Flavor");
        await node.Store.DeclareAsync([flavor.Declaration], node.Deadline);
        await node.Store.CommitAsync(new([Core.Storage.StoreChange.Put(flavor.Read(Flavor("small").ToByteString()))]), node.Deadline);
        Assert.Equal(["put edge.v1.Flavor"], (await ReadAsync(node, watch)).Events.Select(TextOf));
    }

    [Fact]
    public async Task Watch_AfterARevision_ShowsWhatChangedSinceAndNoState()
    {
        await using var node = await StartAsync();
        await node.PutAsync(Flavor("gone"));
        await node.PutAsync(Flavor("kept"));
        var seen = await node.PutAsync(Flavor("changed"));
        await node.PutAsync(Flavor("changed", 2));
        await node.DeleteAsync(FlavorName("gone"));
        var last = await node.PutAsync(App("maps", "changed"));
        await using var watch = Watch(node, new WatchRequest { AfterRevision = seen.Revision, Space = seen.Space });
        var since = await ReadAsync(node, watch);

        Assert.False(since.Initial);
        Assert.Equal(["put edge.v1.Flavor", "put edge.v1.App", "removed edge.v1.Flavor"], since.Events.Select(TextOf));
        Assert.Equal(2UL, since.Events[0].Put.Value.Unpack<Flavor>().RamMb);
        Assert.Equal(last.Revision, since.Position.StoredRevision);
        await node.PutAsync(Flavor("kept", 2));
        Assert.Equal(["put edge.v1.Flavor"], (await ReadAsync(node, watch)).Events.Select(TextOf));
    }

    [Fact]
    public async Task Watch_AfterTheHead_WaitsForWhatComes()
    {
        await using var node = await StartAsync();
        var seen = await node.PutAsync(Flavor("small"));
        await using var watch = Watch(node, new WatchRequest { AfterRevision = seen.Revision + 1 });
        await node.PutAsync(Flavor("small", 2));
        var third = await node.PutAsync(Flavor("small", 3));

        Assert.Equal(third.Revision, Assert.Single((await ReadAsync(node, watch)).Events).Put.Revision);
    }

    [Fact]
    public async Task Watch_AfterARevisionThatIsForgotten_IsOutOfRange()
    {
        await using var node = await StartAsync(limits: new JournalLimits { TombstonesMax = 1 });
        var first = await node.PutAsync(Flavor("a"));
        await node.PutAsync(Flavor("b"));
        var deleted = await node.DeleteAsync(FlavorName("a"));
        await node.DeleteAsync(FlavorName("b"));

        var failure = await FailsAsync(GrpcStatusCode.OutOfRange, "does not remember", node, new WatchRequest { AfterRevision = first.Revision });
        Assert.Equal($"{deleted.Revision}", failure.Trailers.GetText("notify-revision"));
        await using var watch = Watch(node, new WatchRequest { AfterRevision = deleted.Revision });
        Assert.Equal(["removed edge.v1.Flavor"], (await ReadAsync(node, watch)).Events.Select(TextOf));
    }

    [Fact]
    public async Task Watch_AfterARevisionOfAnotherStore_IsOutOfRange()
    {
        await using var node = await StartAsync();
        var put = await node.PutAsync(Flavor("a"));
        var restored = put.Space.Clone();
        restored.Incarnation = "another";
        await FailsAsync(
            GrpcStatusCode.OutOfRange, "before a restore", node, new WatchRequest { AfterRevision = put.Revision, Space = restored });
        await FailsAsync(GrpcStatusCode.InvalidArgument, "after_revision: -1", node, new WatchRequest { AfterRevision = -1 });
        await FailsAsync(
            GrpcStatusCode.InvalidArgument, "filter.types[0]", node, new WatchRequest { Filter = new ObjectFilter { Types_ = { "x" } } });
    }

    [Fact]
    public async Task Watch_OfAClientThatReadsSlowly_MergesWholeEpochs()
    {
        await using var node = await StartAsync();
        await using var watch = Watch(node, new WatchRequest());
        await ReadAsync(node, watch);

        // More than all the windows on the way hold, so that the watch must wait for its reader.
        var padding = new string('x', 50_000);
        const int Commits = 200;
        for (var i = 1; i <= Commits; i++)
        {
            var (flavor, app) = (Flavor("pair", (ulong)i), App("pair", "pair"));
            flavor.Resources.Add("padding", padding);
            app.Generation = (ulong)i;
            await node.CommitAsync(new WriteChange { Put = Pack(flavor) }, new WriteChange { Put = Pack(app) });
        }

        var (responses, last) = (0, 0UL);
        while (last < Commits)
        {
            var change = await ReadAsync(node, watch);
            responses++;
            Assert.False(change.More);
            Assert.Equal(["put edge.v1.Flavor", "put edge.v1.App"], change.Events.Select(TextOf));
            var now = change.Events[0].Put.Value.Unpack<Flavor>().RamMb;
            Assert.Equal(now, change.Events[1].Put.Value.Unpack<App>().Generation);
            Assert.True(now > last);
            last = now;
        }

        Assert.InRange(responses, 1, Commits - 1);
    }

    [Fact]
    public async Task Watch_WithAnEpochLargerThanAResponse_SaysThatMoreFollows()
    {
        await using var node = await StartAsync(new ObjectsOptions { ResponseBytes = 1000 });
        await using var watch = Watch(node, new WatchRequest { Filter = new ObjectFilter { Types_ = { "edge.v1.Flavor" } } });
        await ReadAsync(node, watch);
        var committed = await node.CommitAsync([.. Enumerable.Range(0, 100).Select(i => new WriteChange { Put = Pack(Flavor($"{i:00}")) })]);

        var (parts, events) = (0, 0);
        WatchResponse part;
        do
        {
            part = await ReadAsync(node, watch);
            parts++;
            events += part.Events.Count;
            Assert.NotEqual(part.More, part.Position is MirrorPosition);
        }
        while (part.More);

        Assert.Equal(100, events);
        Assert.InRange(parts, 5, 99);
        Assert.Equal(committed.Revision, part.Position.StoredRevision);
    }

    [Fact]
    public async Task Watch_WhereTheViewMovesOnWithoutAChange_TellsThePosition()
    {
        await using var node = await StartAsync();
        var seen = await node.PutAsync(Flavor("small"));
        await using var watch = Watch(node, new WatchRequest { AfterRevision = seen.Revision });
        await node.Store.DeclareAsync([new Core.Types.TypeDeclaration("t.New", Core.Types.TypeKind.Stored, Core.Types.KeyLayout.Empty)], node.Deadline);

        var moved = await watch.ReadAsync(node.Deadline);

        Assert.True(moved is { Initial: false, More: false, Events.Count: 0 });
        Assert.True(moved.Position.StoredRevision > seen.Revision);
    }

    [Fact]
    public async Task Watch_ThatIsCancelled_LeavesNothingBehind()
    {
        await using var node = await StartAsync();
        using var cancel = new CancellationTokenSource();
        var calls = Enumerable.Range(0, 20)
            .Select(_ => node.Client.ServerStreaming(ObjectsMethods.Watch, new WatchRequest(), cancellationToken: cancel.Token))
            .ToList();
        foreach (var call in calls)
        {
            await call.ReadAsync(node.Deadline);
        }

        // The first response is written before a watch waits for changes.
        await Until.CountAsync("all watches wait", () => node.Mirror.WaitCount, now => now == 20);
        await cancel.CancelAsync();
        await Until.CountAsync("no watch waits", () => node.Mirror.WaitCount, now => now == 0);
        foreach (var call in calls)
        {
            await call.DisposeAsync();
        }
    }

    /// <summary>The next response that is more than news of the position: the first write of a node declares its types, at a revision of its own.</summary>
    private static async Task<WatchResponse> ReadAsync(ObjectsNode node, ServerStreamingCall<WatchResponse> watch)
    {
        WatchResponse response;
        do
        {
            response = await watch.ReadAsync(node.Deadline);
        }
        while (response is { Initial: false, Events.Count: 0 });

        return response;
    }

    private static ServerStreamingCall<WatchResponse> Watch(ObjectsNode node, WatchRequest request) =>
        node.Client.ServerStreaming(ObjectsMethods.Watch, request, cancellationToken: node.Deadline);

    private static string TextOf(WatchEvent one) => one.EventCase switch
    {
        WatchEvent.EventOneofCase.Put => $"put {one.Put.Value.TypeUrl["type.googleapis.com/".Length..]}",
        WatchEvent.EventOneofCase.Removed => $"removed {one.Removed.Type}",
        _ => $"left {one.Left.Type}",
    };

    private static async Task<GrpcException> FailsAsync(GrpcStatusCode code, string text, ObjectsNode node, WatchRequest request)
    {
        await using var watch = Watch(node, request);
        var failure = await Assert.ThrowsAsync<GrpcException>(async () => await ReadAsync(node, watch));
        Assert.Equal(code, failure.Code);
        Assert.Contains(text, failure.Status.Detail, StringComparison.Ordinal);
        return failure;
    }
}
