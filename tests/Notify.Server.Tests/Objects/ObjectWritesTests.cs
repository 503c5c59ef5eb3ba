using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Server.Objects;
using Notify.Storage;
using static Notify.Server.Tests.Objects.ObjectsNode;

namespace Notify.Server.Tests.Objects;

public sealed class ObjectWritesTests
{
    [Fact]
    public async Task Put_ThatReturned_IsReadAtOnce()
    {
        await using var node = await StartAsync();
        for (var i = 1UL; i <= 50; i++)
        {
            var put = await node.PutAsync(Flavor("small", i));
            Assert.Equal(i == 1 ? WriteOutcome.Created : WriteOutcome.Updated, put.Outcome);
            Assert.Equal(node.Store.Identity.ToSpace().Id, put.Space.Id);
            var got = await node.GetAsync(FlavorName("small"));
            Assert.Equal(i, got.Object.Value.Unpack<Flavor>().RamMb);
            Assert.Equal(put.Revision, got.Object.Revision);
        }
    }

    [Fact]
    public async Task Put_OfUnchangedBytes_MakesNoRevision()
    {
        await using var node = await StartAsync();
        var first = await node.PutAsync(Flavor("small"));
        var again = await node.PutAsync(Flavor("small"));

        Assert.Equal((WriteOutcome.Unchanged, first.Revision), (again.Outcome, again.Revision));
        Assert.Equal(first.Revision, node.Mirror.Snapshot().StoredRevision);
    }

    [Fact]
    public async Task Put_WithUnknownFields_KeepsThem()
    {
        await using var node = await StartAsync();
        var bytes = Flavor("small").ToByteArray().Concat<byte>([0xF8, 0x3F, 0x07]).ToArray(); // Field 1023, varint 7.
        await node.Client.UnaryAsync(
            ObjectsMethods.Put, new PutRequest { Object = new Any { TypeUrl = "x/edge.v1.Flavor", Value = ByteString.CopyFrom(bytes) } });

        Assert.Equal(bytes, (await node.GetAsync(FlavorName("small"))).Object.Value.Value.ToByteArray());
    }

    [Theory]
    [InlineData("type.googleapis.com/edge.v1.Nonsense", "", "object.type_url: 'edge.v1.Nonsense' is not a cache type")]
    [InlineData("type.googleapis.com/edge.v1.FlavorKey", "", "Known types: edge.v1.Alert, edge.v1.App, ")]
    [InlineData("edge.v1.Flavor", "", "object.type_url: 'edge.v1.Flavor' is not a type URL")]
    [InlineData("type.googleapis.com/edge.v1.Flavor", "", "object: edge.v1.Flavor: field 'key' ")]
    [InlineData("type.googleapis.com/edge.v1.Flavor", "0AFF", "object: edge.v1.Flavor: ")]
    public async Task Put_OfWhatIsNoObject_NamesTheField(string typeUrl, string hex, string expected)
    {
        await using var node = await StartAsync();
        var any = new Any { TypeUrl = typeUrl, Value = ByteString.CopyFrom(Convert.FromHexString(hex)) };
        await FailsAsync(
            GrpcStatusCode.InvalidArgument, expected, () => node.Client.UnaryAsync(ObjectsMethods.Put, new PutRequest { Object = any }));
    }

    [Fact]
    public async Task Put_OfNothing_NamesTheField()
    {
        await using var node = await StartAsync();
        await FailsAsync(
            GrpcStatusCode.InvalidArgument, "object: is missing", () => node.Client.UnaryAsync(ObjectsMethods.Put, new PutRequest()));
    }

    [Fact]
    public async Task Put_OfASharedObject_IsRefused()
    {
        await using var node = await StartAsync();
        var info = new AppInstInfo { Key = new AppInstKey { Organization = "acme", Name = "a" }, CloudletKey = CloudletKey("paris") };
        await FailsAsync(GrpcStatusCode.FailedPrecondition, "edge.v1.AppInstInfo is shared", () => node.PutAsync(info));
        await FailsAsync(
            GrpcStatusCode.FailedPrecondition, "edge.v1.AppInstInfo is shared", () => node.DeleteAsync(new ObjectName { Like = Pack(info) }));
    }

    [Fact]
    public async Task Put_OfATypeKnownByItsDeclarationOnly_AsksForItsDescription()
    {
        await using var node = await StartAsync(types: EdgeTypes.All.Where(type => type.Name != "edge.v1.Flavor"));
        var layout = EdgeTypes.All.Single(type => type.Name == "edge.v1.Flavor").Declaration;
        node.Mirror.Types.Declare(layout);

        await FailsAsync(GrpcStatusCode.FailedPrecondition, "descriptor set", () => node.PutAsync(Flavor("small")));
        await FailsAsync(GrpcStatusCode.NotFound, "edge.v1.Flavor", () => node.DeleteAsync(FlavorName("small")));
    }

    [Fact]
    public async Task Write_AtANodeWithoutAStore_SaysWhereToWrite()
    {
        await using var node = await StartAsync(new ObjectsOptions { WriteAt = "http://top:7070" }, writes: false);
        await FailsAsync(GrpcStatusCode.FailedPrecondition, "http://top:7070", () => node.PutAsync(Flavor("small")));
        await FailsAsync(GrpcStatusCode.FailedPrecondition, "http://top:7070", () => node.DeleteAsync(FlavorName("small")));
        await FailsAsync(GrpcStatusCode.FailedPrecondition, "http://top:7070", () => node.CommitAsync());
    }

    [Fact]
    public async Task Put_BeyondTheLimit_IsRefusedWithTheFigures()
    {
        await using var node = await StartAsync();
        var flavor = Flavor("small");
        flavor.Resources.Add("big", new string('x', 1 << 20));
        await FailsAsync(GrpcStatusCode.ResourceExhausted, "the limit is 1048576", () => node.PutAsync(flavor));

        flavor.Resources["big"] = new string('x', (1 << 20) - 1000);
        Assert.Equal(WriteOutcome.Created, (await node.PutAsync(flavor)).Outcome);
    }

    [Fact]
    public async Task Put_OnACondition_IsAbortedWithTheCurrentRevision()
    {
        await using var node = await StartAsync();
        var created = await node.PutAsync(Flavor("small"), expected: 0);
        var updated = await node.PutAsync(Flavor("small", 2), created.Revision);

        var stale = await FailsAsync(
            GrpcStatusCode.Aborted, $"was to be at revision {created.Revision}", () => node.PutAsync(Flavor("small", 3), created.Revision));
        Assert.Equal($"{updated.Revision}", stale.Trailers.GetText("notify-revision"));
        var exists = await FailsAsync(GrpcStatusCode.Aborted, "was not to exist", () => node.PutAsync(Flavor("small", 3), expected: 0));
        Assert.Equal($"{updated.Revision}", exists.Trailers.GetText("notify-revision"));
        var missing = await FailsAsync(GrpcStatusCode.Aborted, "does not exist", () => node.PutAsync(Flavor("large"), updated.Revision));
        Assert.Equal("0", missing.Trailers.GetText("notify-revision"));
        await FailsAsync(GrpcStatusCode.InvalidArgument, "expected_revision: -1", () => node.PutAsync(Flavor("small"), expected: -1));
        Assert.Equal(2UL, (await node.GetAsync(FlavorName("small"))).Object.Value.Unpack<Flavor>().RamMb);
    }

    [Fact]
    public async Task Delete_OfAMissingObject_IsNotFound()
    {
        await using var node = await StartAsync();
        var put = await node.PutAsync(Flavor("small"));
        var deleted = await node.DeleteAsync(FlavorName("small"));

        Assert.True(deleted.Revision > put.Revision);
        var gone = await FailsAsync(GrpcStatusCode.NotFound, "no such edge.v1.Flavor", () => node.GetAsync(FlavorName("small")));
        Assert.Equal($"{deleted.Revision}", gone.Trailers.GetText("notify-revision"));
        var again = await FailsAsync(GrpcStatusCode.NotFound, "no such edge.v1.Flavor", () => node.DeleteAsync(FlavorName("small")));
        Assert.Equal($"{deleted.Revision}", again.Trailers.GetText("notify-revision"));
    }

    [Fact]
    public async Task Delete_OnAConditionThatMeansNothing_NamesTheField()
    {
        await using var node = await StartAsync();
        await FailsAsync(GrpcStatusCode.InvalidArgument, "expected_revision: 0 says", () => node.Client.UnaryAsync(
            ObjectsMethods.Delete, new DeleteRequest { Object = FlavorName("small"), ExpectedRevision = 0 }));
        await FailsAsync(GrpcStatusCode.InvalidArgument, "object.key: is empty", () => node.DeleteAsync(new() { Type = "edge.v1.Flavor" }));
        await FailsAsync(GrpcStatusCode.InvalidArgument, "object: is missing", () => node.Client.UnaryAsync(
            ObjectsMethods.Delete, new DeleteRequest()));
    }

    [Fact]
    public async Task Commit_OfSeveralChanges_HasOneRevision()
    {
        await using var node = await StartAsync();
        await node.PutAsync(Flavor("old"));
        var unchanged = await node.PutAsync(Flavor("same"));
        var committed = await node.CommitAsync(
            Put(Flavor("small")), Put(App("maps", "small")), Put(Flavor("same")), DeleteOf("old"), DeleteOf("never"));

        Assert.Equal(
            [
                (WriteOutcome.Created, committed.Revision),
                (WriteOutcome.Created, committed.Revision),
                (WriteOutcome.Unchanged, unchanged.Revision),
                (WriteOutcome.Deleted, committed.Revision),
                (WriteOutcome.NotFound, 0),
            ],
            committed.Results.Select(result => (result.Outcome, result.Revision)));
        Assert.Equal(committed.Revision, (await node.GetAsync(FlavorName("small"))).Object.Revision);
    }

    [Fact]
    public async Task Commit_WithFailedConditions_ListsThemAllAndChangesNothing()
    {
        await using var node = await StartAsync();
        var small = await node.PutAsync(Flavor("small"));
        var request = new CommitRequest
        {
            Changes = { Put(Flavor("new")), Put(Flavor("small", 9)) },
            Conditions = { new WriteCondition { Object = FlavorName("missing"), Revision = 77 } },
        };
        request.Changes[1].ExpectedRevision = 0;
        var failure = await FailsAsync(
            GrpcStatusCode.Aborted, "and 1 more", () => node.Client.UnaryAsync(ObjectsMethods.Commit, request));

        var failed = FailedConditions.Parser.ParseFrom(failure.Trailers.GetBytes("notify-conditions-bin")!.Value.ToArray()).Failed;
        Assert.Equal(
            [(FlavorName("small"), 0, small.Revision), (FlavorName("missing"), 77, 0)],
            failed.Select(one => (one.Object, one.ExpectedRevision, one.CurrentRevision)));
        await FailsAsync(GrpcStatusCode.NotFound, "", () => node.GetAsync(FlavorName("new")));
    }

    [Fact]
    public async Task Commit_ThatIsWrong_NamesTheField()
    {
        await using var node = await StartAsync();
        await FailsAsync(
            GrpcStatusCode.InvalidArgument, "changes[1]: is neither", () => node.CommitAsync(Put(Flavor("a")), new WriteChange()));
        await FailsAsync(
            GrpcStatusCode.InvalidArgument, "changes[1].put: edge.v1.Flavor: field 'key'", () => node.CommitAsync(Put(Flavor("a")), Put(new Flavor())));
        await FailsAsync(
            GrpcStatusCode.InvalidArgument, "name the same edge.v1.Flavor", () => node.CommitAsync(Put(Flavor("a")), DeleteOf("a")));
        await FailsAsync(
            GrpcStatusCode.ResourceExhausted, "101 changes", () => node.CommitAsync([.. Enumerable.Range(0, 101).Select(i => Put(Flavor($"{i}")))]));
    }

    [Fact]
    public async Task Put_OfATypeFromADescriptorSet_NeedsNoCode()
    {
        var files = new FileDescriptorSet();
        AddWithImports(files, Edge.Flavor.Descriptor.File);
        await using var node = await StartAsync(types: DescriptorObjectType.Load(files.ToByteString()));

        var put = await node.PutAsync(Flavor("small"));
        Assert.Equal(put.Revision, (await node.GetAsync(FlavorName("small"))).Object.Revision);
        await FailsAsync(GrpcStatusCode.InvalidArgument, "field 'key'", () => node.PutAsync(new Flavor()));
        await FailsAsync(GrpcStatusCode.InvalidArgument, "Known types: edge.v1.Flavor.", () => node.PutAsync(App("maps", "small")));
    }

    [Fact]
    public void Options_ByDefault_AreAsDocumented()
    {
        var options = new ObjectsOptions();
        Assert.Equal("a controller", options.WriteAt);
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), 256 << 10), (options.CommitTimeout, options.MirrorTimeout, options.ResponseBytes));
        var feed = new StoreFeedOptions();
        Assert.Equal((10_000, TimeSpan.FromSeconds(1)), (feed.Horizon, feed.RetryDelay));
    }

    [Fact]
    public async Task Put_ByManyClientsAtOnce_ShowsEachItsOwn()
    {
        await using var node = await StartAsync(storeOptions: new MemoryStoreOptions());
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async i =>
        {
            var put = await node.PutAsync(Flavor($"{i}", (ulong)i + 1));
            var got = await node.GetAsync(FlavorName($"{i}"));
            Assert.Equal(put.Revision, got.Object.Revision);
        }));
    }

    private static void AddWithImports(FileDescriptorSet files, FileDescriptor file)
    {
        if (files.File.All(known => known.Name != file.Name))
        {
            files.File.Add(file.ToProto());
            file.Dependencies.ToList().ForEach(dependency => AddWithImports(files, dependency));
        }
    }

    private static WriteChange Put(IMessage message) => new() { Put = Pack(message) };

    private static WriteChange DeleteOf(string flavor) => new() { Delete = FlavorName(flavor) };

    private static async Task<GrpcException> FailsAsync(GrpcStatusCode code, string text, Func<Task> call)
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(call);
        Assert.Equal(code, failure.Code);
        Assert.Contains(text, failure.Status.Detail, StringComparison.Ordinal);
        return failure;
    }
}
