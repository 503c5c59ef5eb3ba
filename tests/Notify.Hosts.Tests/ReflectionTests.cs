using System.Text.Json;
using Google.Protobuf;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>A client that is not ours and has none of our proto files, against every host.</summary>
public sealed class ReflectionTests
{
    private static readonly string[] s_ofEveryNode =
        ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "notify.v1.Messages", "notify.v1.Objects", "notify.v1.Status"];

    [Fact]
    public async Task BufCurl_ListsTheServicesAndMethodsOfEveryHost()
    {
        await using var tree = await Tree.StartAsync();
        var crm = await tree.AddCrmAsync("west");
        var dme = await tree.AddDmeAsync();
        (HostProcess Host, string[] Own)[] hosts =
        [
            (tree.Controller, ["notify.v1.Link", "notify.v1.Nodes"]), (crm, []), (dme, ["edge.v1.Dme"]),
        ];

        foreach (var (host, own) in hosts)
        {
            var services = await Buf.LinesAsync(host, "", "--list-services");
            Assert.Equal(s_ofEveryNode.Concat(own).Order(StringComparer.Ordinal), services);

            // Every service, as its own file declares it: a method that is mapped and not declared would be missing.
            var methods = await Buf.LinesAsync(host, "", "--list-methods");
            Assert.Equal(services, methods.Select(method => method.Split('/')[0]).Distinct());
            Assert.Contains("notify.v1.Objects/Commit", methods);
        }
    }

    [Fact]
    public async Task BufCurl_CallsAUnaryMethod_AndShowsTheObjectInsideAny()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.Small);
        var key = World.Small.Key.ToByteString().ToBase64();

        var text = await Buf.LinesAsync(
            tree.Controller, "/notify.v1.Objects/Get", "-d", $$$"""{"object": {"type": "edge.v1.Flavor", "key": "{{{key}}}"}}""");

        using var json = JsonDocument.Parse(string.Concat(text));
        var value = json.RootElement.GetProperty("object").GetProperty("value");
        Assert.Equal("type.googleapis.com/edge.v1.Flavor", value.GetProperty("@type").GetString());
        Assert.Equal("512", value.GetProperty("ramMb").GetString());
    }

    [Fact]
    public async Task BufCurl_CallsAStreamingMethod_AndGetsWhatWePut()
    {
        await using var tree = await Tree.StartAsync();
        await tree.Controller.PutAsync(World.All);

        var text = await Buf.LinesAsync(tree.Controller, "/notify.v1.Objects/List", "-d", """{"filter": {"types": ["edge.v1.AppInst"]}}""");

        // One JSON value per message of the stream.
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(string.Concat(text)), new JsonReaderOptions { AllowMultipleValues = true });
        List<string> names = [];
        while (reader.Read())
        {
            using var response = JsonDocument.ParseValue(ref reader);
            if (response.RootElement.TryGetProperty("objects", out var objects))
            {
                names.AddRange(objects.EnumerateArray().Select(view => view.GetProperty("value").GetProperty("uri").GetString()!)); // Every instance has one.
            }
        }

        Assert.Equal(World.All.OfType<AppInst>().Select(inst => inst.Uri).Order(), names.Order());
    }

    [Fact]
    public async Task BufCurl_WritesAnObject_OfATypeGivenAtStart()
    {
        await using var tree = await Tree.StartAsync("--types", HostProcess.PathOf("FeatureFlags.binpb"));

        var text = await Buf.LinesAsync(
            tree.Controller, "/notify.v1.Objects/Put", "-d",
            """{"object": {"@type": "type.googleapis.com/flags.v1.Flag", "key": {"site": {"name": "berlin"}, "name": "dark-mode"}, "on": true}}""");

        Assert.Contains("WRITE_OUTCOME_CREATED", string.Concat(text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BufCurl_OfAMethodThatFails_GetsTheStatus()
    {
        await using var tree = await Tree.StartAsync();

        var (code, _, error) = await Buf.CurlAsync(
            tree.Controller, "/notify.v1.Objects/Get", "-d", """{"object": {"type": "edge.v1.Flavor", "key": "CgRub25l"}}""");

        Assert.Equal((int)GrpcStatusCode.NotFound << 3, code);
        Assert.Contains("not_found", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WhileSomebodyAsks_IsClean()
    {
        await using var tree = await Tree.StartAsync();
        await using var call = tree.Controller.Channel.Duplex(Server.Reflection.ReflectionMethods.ServerReflectionInfo);
        call.Write(new() { ListServices = "" });
        await call.FlushAsync();
        Assert.True(await call.WaitToReadAsync());
        Assert.True(call.TryRead(out _));

        tree.Controller.Signal("TERM");

        var status = await NodeCalls.StatusOfAsync(async () => await call.WaitToReadAsync());
        Assert.Equal(GrpcStatusCode.Unavailable, status.Code);
        Assert.Equal(0, await tree.Controller.ExitCodeAsync());
    }
}
