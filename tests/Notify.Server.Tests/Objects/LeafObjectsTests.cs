using Google.Protobuf.WellKnownTypes;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;
using static Notify.Server.Tests.Objects.ObjectsNode;

namespace Notify.Server.Tests.Objects;

/// <summary>The object API at a leaf, over a real link to a controller.</summary>
public sealed class LeafObjectsTests
{
    [Fact]
    public async Task Get_AtALeaf_WaitsForTheRevisionOfAWriteAtTheController()
    {
        await using var top = await ObjectsNode.StartAsync();
        await using var leaf = await LeafNode.StartAsync(top, "crm", "paris");
        for (var i = 1UL; i <= 20; i++)
        {
            var put = await top.PutAsync(Inst("a", "paris", i));
            var got = await GetAsync(leaf, top, put.Revision);
            Assert.Equal((i, put.Revision), (got.Object.Value.Unpack<AppInst>().Generation, got.Object.Revision));
        }
    }

    [Fact]
    public async Task Get_AtALeaf_OfARevisionThatDoesNotConcernIt_IsAnsweredToo()
    {
        await using var top = await ObjectsNode.StartAsync();
        await using var leaf = await LeafNode.StartAsync(top, "crm", "paris");
        await top.PutAsync(Inst("a", "paris"));
        var elsewhere = await top.PutAsync(Inst("b", "oslo"));

        var got = await GetAsync(leaf, top, elsewhere.Revision);
        Assert.True(got.Position.StoredRevision >= elsewhere.Revision);
        Assert.Equal(elsewhere.Space, got.Position.StoredSpace);
    }

    [Fact]
    public async Task Write_AtALeaf_NamesTheController()
    {
        await using var top = await ObjectsNode.StartAsync();
        await using var leaf = await LeafNode.StartAsync(top, "crm", "paris");
        var failure = await Assert.ThrowsAsync<GrpcException>(() =>
            leaf.Client.UnaryAsync(ObjectsMethods.Put, new PutRequest { Object = Pack(Flavor("small")) }));

        Assert.Equal(GrpcStatusCode.FailedPrecondition, failure.Code);
        Assert.Contains(top.Client.Address.ToString(), failure.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_AtALeaf_ShowsWhatComesToItAndWhatIsMovedAway()
    {
        await using var top = await ObjectsNode.StartAsync();
        await top.PutAsync(Flavor("small"));
        var inst = Inst("a", "paris");
        inst.Flavor = new FlavorKey { Name = "small" };
        await top.PutAsync(inst);
        await using var leaf = await LeafNode.StartAsync(top, "crm", "paris");
        await using var watch = leaf.Client.ServerStreaming(ObjectsMethods.Watch, new WatchRequest(), cancellationToken: top.Deadline);

        Assert.Equal(["put edge.v1.Flavor", "put edge.v1.AppInst"], await EventsAsync(watch, top, count: 2));
        inst.CloudletKey = CloudletKey("oslo");
        var moved = await top.PutAsync(inst);
        Assert.Equal(["removed edge.v1.AppInst", "removed edge.v1.Flavor"], await EventsAsync(watch, top, count: 2));
        await leaf.Mirror.WaitForStoredRevisionAsync(moved.Revision, top.Deadline);
    }

    [Fact]
    public async Task List_BeforeTheFirstContact_SaysThatObjectsMayBeMissing()
    {
        await using var top = await ObjectsNode.StartAsync();
        await using var leaf = await LeafNode.StartAsync(top, "crm", "paris", connects: false);
        await using var call = leaf.Client.ServerStreaming(ObjectsMethods.List, new ListRequest(), cancellationToken: top.Deadline);
        var position = (await call.ReadAsync(top.Deadline)).Position;

        Assert.False(position.Synced);
        Assert.Null(position.StoredSpace);
    }

    [Fact]
    public async Task Send_ToALeaf_BringsItsReply()
    {
        await using var top = await ObjectsNode.StartAsync();
        await using var leaf = await LeafNode.StartAsync(top, "crm", "paris");
        leaf.Router.Handle(EdgeTypes.Messages.Single(type => type.Name == "edge.v1.ExecRequest"), received => leaf.Router.Send(
            MessageTarget.ToNode(received.Source), new ExecReply { Output = ((ExecRequest)received.Payload).Command }, received));
        var put = await top.PutAsync(Inst("a", "paris"));
        await leaf.Mirror.WaitForStoredRevisionAsync(put.Revision, top.Deadline);

        var request = new SendMessageRequest { Node = "crm", Payload = Any.Pack(new ExecRequest { Command = "help" }) };
        var response = await top.Client.UnaryAsync(MessagesMethods.Send, request, cancellationToken: top.Deadline);
        Assert.Equal("help", response.Reply.Unpack<ExecReply>().Output);
    }

    private static Task<GetResponse> GetAsync(LeafNode leaf, ObjectsNode top, long minRevision) => leaf.Client.UnaryAsync(
        ObjectsMethods.Get,
        new GetRequest { Object = NameOf("AppInst", Inst("a", "paris").Key), MinRevision = minRevision },
        cancellationToken: top.Deadline);

    private static async Task<List<string>> EventsAsync(IMessageReader<WatchResponse> watch, ObjectsNode top, int count)
    {
        var events = new List<string>();
        while (events.Count < count)
        {
            events.AddRange((await watch.ReadAsync(top.Deadline)).Events.Select(one => one.EventCase switch
            {
                WatchEvent.EventOneofCase.Put => $"put {one.Put.Value.TypeUrl["type.googleapis.com/".Length..]}",
                WatchEvent.EventOneofCase.Removed => $"removed {one.Removed.Type}",
                _ => $"left {one.Left.Type}",
            }));
        }

        return events;
    }
}
