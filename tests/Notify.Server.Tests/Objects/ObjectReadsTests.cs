using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Server.Objects;
using static Notify.Server.Tests.Objects.ObjectsNode;

namespace Notify.Server.Tests.Objects;

public sealed class ObjectReadsTests
{
    [Fact]
    public async Task Get_ByKeyInAnyEncoding_OrByExample_FindsTheObject()
    {
        await using var node = await StartAsync();
        await node.PutAsync(App("maps", "small"));

        // Fields in reverse order, and one that the key does not have.
        var key = new AppKey { Organization = "acme", Name = "maps", Version = "1" };
        byte[] shuffled =
        [
            .. new AppKey { Version = "1" }.ToByteArray(), .. new AppKey { Name = "maps" }.ToByteArray(), 0x48, 0x01,
            .. new AppKey { Organization = "acme" }.ToByteArray(),
        ];
        var byKey = await node.GetAsync(new ObjectName { Type = "edge.v1.App", Key = ByteString.CopyFrom(shuffled) });
        var byExample = await node.GetAsync(new ObjectName { Like = Pack(new App { Key = key, Command = "ignored" }) });

        Assert.Equal(key.ToByteString(), byKey.Object.Key);
        Assert.Equal(byKey.Object, byExample.Object);
    }

    [Fact]
    public async Task Get_WithLinks_ShowsScopesAndReferences()
    {
        await using var node = await StartAsync();
        var inst = Inst("maps-1", "paris");
        inst.Flavor = new FlavorKey { Name = "small" };
        await node.PutAsync(inst);
        var name = NameOf("AppInst", inst.Key);

        var plain = (await node.GetAsync(name)).Object;
        Assert.Empty(plain.Scopes);
        Assert.Empty(plain.References);
        Assert.Equal(SpaceKind.Stored, plain.Space);
        Assert.Null(plain.Stamp);
        var links = (await node.GetAsync(name, links: true)).Object;
        Assert.Equal([Scope("paris")], links.Scopes);
        Assert.Contains(FlavorName("small"), links.References);
    }

    [Theory]
    [InlineData("edge.v1.ClusterInstInfo")]
    [InlineData("edge.v1.AppInstInfo")]
    public async Task Get_OfADynamicObjectOrASharedOneOfTheNodeItself_ShowsItsOwner(string type)
    {
        await using var node = await StartAsync();
        IMessage info = type == "edge.v1.AppInstInfo"
            ? new AppInstInfo { Key = new AppInstKey { Organization = "acme", Name = "a" }, CloudletKey = CloudletKey("paris") }
            : new ClusterInstInfo { Key = new ClusterInstKey { CloudletKey = CloudletKey("paris"), Name = "a" } };
        node.Mirror.Publish([EdgeTypes.All.Single(one => one.Name == type).Read(info.ToByteString())], []);
        var got = await node.GetAsync(new ObjectName { Like = Pack(info) });

        Assert.Equal(SpaceKind.Dynamic, got.Object.Space);
        Assert.Equal("test", got.Object.Stamp.Node);
        Assert.Equal(got.Position.DynamicRevision, got.Object.Revision);
        Assert.Equal((SpaceKind.Dynamic, "test", "1"), (got.Position.DynamicSpace.Kind, got.Position.DynamicSpace.Id, got.Position.DynamicSpace.Incarnation));
    }

    [Fact]
    public async Task Get_OfWhatCannotBe_NamesTheField()
    {
        await using var node = await StartAsync();
        await FailsAsync(GrpcStatusCode.InvalidArgument, "object.type: 'edge.v1.X' is not", node.GetAsync(new() { Type = "edge.v1.X" }));
        await FailsAsync(GrpcStatusCode.InvalidArgument, "object: is missing", node.GetAsync(null!)); // A field that is not set.
        await FailsAsync(
            GrpcStatusCode.InvalidArgument, "object.key: is not an encoded key",
            node.GetAsync(new() { Type = "edge.v1.Flavor", Key = ByteString.CopyFrom(0x0A, 0x7F) }));
    }

    [Fact]
    public async Task Get_WithAMinimalRevision_WaitsForIt()
    {
        await using var node = await StartAsync();
        var first = await node.PutAsync(Flavor("small"));
        var waiting = node.GetAsync(FlavorName("small"), minRevision: first.Revision + 2);
        await node.PutAsync(Flavor("small", 2));
        Assert.False(waiting.IsCompleted, "the read did not wait for its revision");
        var third = await node.PutAsync(Flavor("small", 3));

        var got = await waiting;
        Assert.Equal(3UL, got.Object.Value.Unpack<Flavor>().RamMb);
        Assert.Equal(third.Revision, got.Position.StoredRevision);
    }

    [Fact]
    public async Task Get_WithARevisionThatDoesNotCome_SaysWhereTheMirrorIs()
    {
        await using var node = await StartAsync(new ObjectsOptions { MirrorTimeout = TimeSpan.FromMilliseconds(50) });
        var put = await node.PutAsync(Flavor("small"));
        var failure = await FailsAsync(
            GrpcStatusCode.Unavailable, $"is at revision {put.Revision} and did not reach 999", node.GetAsync(FlavorName("small"), minRevision: 999));
        Assert.Equal($"{put.Revision}", failure.Trailers.GetText("notify-revision"));
    }

    [Fact]
    public async Task List_OfEverything_GoesFromReferredToReferrerAndByKey()
    {
        await using var node = await StartAsync();
        await node.PutAsync(App("b", "small"));
        await node.PutAsync(App("a", "small"));
        var last = await node.PutAsync(Flavor("small"));
        var (position, objects) = await ListAsync(node, new ListRequest());

        Assert.Equal(["edge.v1.Flavor", "edge.v1.App", "edge.v1.App"], objects.Select(TypeOf));
        Assert.Equal(["a", "b"], objects.Skip(1).Select(view => view.Value.Unpack<App>().Key.Name));
        Assert.Equal(last.Revision, position.StoredRevision);
        Assert.True(position.Synced);
        Assert.Equal(node.Store.Identity.ToSpace().Incarnation, position.StoredSpace.Incarnation);
    }

    [Fact]
    public async Task List_OfAScope_HasItsObjectsOnly()
    {
        await using var node = await StartAsync();
        await node.PutAsync(Inst("a", "paris"));
        await node.PutAsync(Inst("b", "oslo"));
        await node.PutAsync(Inst("c", "paris"));
        await node.PutAsync(Flavor("small"));

        var (_, objects) = await ListAsync(node, new ListRequest { Filter = new ObjectFilter { Scope = Scope("paris") } });
        Assert.Equal(["a", "c"], objects.Select(view => view.Value.Unpack<AppInst>().Key.Name));
        (_, objects) = await ListAsync(node, new ListRequest { Filter = new ObjectFilter { Types_ = { "edge.v1.Flavor" }, Scope = Scope("paris") } });
        Assert.Empty(objects);
    }

    [Fact]
    public async Task List_OfNothing_StillHasAPosition()
    {
        await using var node = await StartAsync();
        var (position, objects) = await ListAsync(node, new ListRequest { Filter = new ObjectFilter { Types_ = { "edge.v1.Flavor" } } });

        Assert.Empty(objects);
        Assert.True(position.Synced);
    }

    [Fact]
    public async Task List_OfWhatIsUnknown_NamesTheField()
    {
        await using var node = await StartAsync();
        var request = new ListRequest { Filter = new ObjectFilter { Types_ = { "edge.v1.Flavor", "edge.v1.Nonsense" } } };
        await FailsAsync(GrpcStatusCode.InvalidArgument, "filter.types[1]: 'edge.v1.Nonsense'", ListAsync(node, request));
        request = new ListRequest { Filter = new ObjectFilter { Scope = new ScopeKey() } };
        await FailsAsync(GrpcStatusCode.InvalidArgument, "filter.scope.type: is empty", ListAsync(node, request));
    }

    [Fact]
    public async Task List_OfMuch_ComesInBoundedPartsOfOneSnapshot()
    {
        await using var node = await StartAsync(new ObjectsOptions { ResponseBytes = 4000 });
        for (var i = 0; i < 20; i++)
        {
            await node.CommitAsync([.. Enumerable.Range(0, 50).Select(j => new WriteChange { Put = Pack(Flavor($"{(i * 50) + j:0000}")) })]);
        }

        await using var call = node.Client.ServerStreaming(ObjectsMethods.List, new ListRequest(), cancellationToken: node.Deadline);
        var first = await call.ReadAsync(node.Deadline);
        await node.PutAsync(Flavor("zzzz"));
        var names = first.Objects.Select(NameOfFlavor).ToList();
        await foreach (var part in call.ReadAllAsync(node.Deadline))
        {
            Assert.Null(part.Position);
            Assert.InRange(part.CalculateSize(), 1, 5000);
            names.AddRange(part.Objects.Select(NameOfFlavor));
        }

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i:0000}"), names);
    }

    private static string NameOfFlavor(ObjectView view) => view.Value.Unpack<Flavor>().Key.Name;

    private static string TypeOf(ObjectView view) => view.Value.TypeUrl["type.googleapis.com/".Length..];

    private static async Task<(MirrorPosition Position, List<ObjectView> Objects)> ListAsync(ObjectsNode node, ListRequest request)
    {
        MirrorPosition? position = null;
        var objects = new List<ObjectView>();
        await using var call = node.Client.ServerStreaming(ObjectsMethods.List, request, cancellationToken: node.Deadline);
        await foreach (var part in call.ReadAllAsync(node.Deadline))
        {
            position ??= part.Position;
            objects.AddRange(part.Objects);
        }

        Assert.NotNull(position);
        return (position, objects);
    }

    private static async Task<GrpcException> FailsAsync(GrpcStatusCode code, string text, Task call)
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(() => call);
        Assert.Equal(code, failure.Code);
        Assert.Contains(text, failure.Status.Detail, StringComparison.Ordinal);
        return failure;
    }
}
