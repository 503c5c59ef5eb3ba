using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Server.Links;
using Envelope = Notify.Core.Types.Envelope;
using KeyField = Notify.Core.Types.KeyField;
using KeyFieldKind = Notify.Core.Types.KeyFieldKind;
using ObjectId = Notify.Core.Types.ObjectId;
using Space = Notify.Core.Journal.Space;
using TypeDeclaration = Notify.Core.Types.TypeDeclaration;
using TypeKind = Notify.Core.Types.TypeKind;
using TypeTable = Notify.Core.Types.TypeTable;

namespace Notify.Transport.Tests;

/// <summary>A leaf written with grpc-js from link.proto alone, so the proto file says enough.</summary>
public sealed class ForeignLeafTests
{
    private const string Flag = "t.Flag";
    private const string Status = "t.Status";

    [Fact]
    public async Task GrpcJsLeaf_JoinsMirrorsAcknowledgesAndPublishes()
    {
        var types = new TypeTable();
        types.Declare(new TypeDeclaration(Flag, TypeKind.Stored, new([new KeyField(1, KeyFieldKind.Bytes)])));
        var mirror = new Mirror(types, new MirrorOptions { Node = "hub", DynamicSpace = new Space("hub", "1"), HasDownstream = true });
        mirror.LoadStore(new Space("store", "1"), 2, [AFlag("dark", "on", 1), AFlag("beta", "off", 2)]);
        var router = new MessageRouter(mirror);
        var hub = new Hub(mirror, new HubOptions { SettleMs = 0 }, 0);
        var settings = new SessionSettings { Process = "p", Role = "controller" };
        using var links = new LinkServer(mirror, hub, router, settings, TimeProvider.System, NullLogger<LinkServer>.Instance);
        await using var server = await TestServer.StartAsync(new TestServerOptions
        {
            Map = endpoints => endpoints.MapNotifyLink(links, settings.Limits),
        });

        await using var leaf = ForeignProcess.StartNode("leaf.js", $"localhost:{server.Address.Port}", Protos());

        var welcome = await leaf.ReadJsonAsync();
        Assert.Equal("""{"event":"welcome","peer":"hub","notifyId":1}""", welcome.GetRawText());
        Assert.Equal("""{"t.Flag/beta":"off","t.Flag/dark":"on"}""", await ObjectsAsync(leaf, revision: 2));

        mirror.ApplyStoreCommit(3, [AFlag("beta", "on", 3)], [Id(Flag, "dark")]);
        Assert.Equal("""{"t.Flag/beta":"on"}""", await ObjectsAsync(leaf, revision: 3));

        var session = Assert.Single(hub.Sessions);
        using var patience = new CancellationTokenSource(Limits.Patience);
        await hub.WaitUntilAppliedAsync(3, NodeSelector.Parse("js-leaf"), patience.Token);
        Assert.Equal(3, session.AppliedByPeer(SpaceKind.Stored));
        var view = mirror.Snapshot();
        for (; view.Find(Id(Status, "js")) is null; view = mirror.Snapshot())
            await mirror.WaitForViewAfterAsync(view, patience.Token);
        Assert.Equal("running", view.Find(Id(Status, "js"))!.Value.ToStringUtf8());

        leaf.EndInput();
        var ended = await leaf.ReadJsonAsync();
        Assert.Equal((int)GrpcStatusCode.Ok, ended.GetProperty("code").GetInt32());
        Assert.Null(mirror.Snapshot().Find(Id(Status, "js")));
    }

    private static async Task<string> ObjectsAsync(ForeignProcess leaf, long revision)
    {
        while (true)
        {
            var applied = await leaf.ReadJsonAsync();
            Assert.Equal("applied", applied.GetProperty("event").GetString());
            if (applied.GetProperty("revision").GetInt64() == revision)
            {
                return JsonSerializer.Serialize(applied.GetProperty("objects"));
            }
        }
    }

    private static Envelope AFlag(string name, string value, long revision) =>
        new(Id(Flag, name), ByteString.CopyFromUtf8(value)) { Revision = revision };

    private static ObjectId Id(string type, string name) =>
        new(type, ByteString.CopyFrom([0x0A, (byte)name.Length, .. Encoding.UTF8.GetBytes(name)]));

    private static string Protos()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, "protos", "notify")))
            {
                return Path.Combine(folder.FullName, "protos");
            }
        }

        throw new InvalidOperationException("The folder protos is not above the test's folder.");
    }
}
