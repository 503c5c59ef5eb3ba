using System.Net;
using System.Net.Sockets;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Server.Transport;

namespace Notify.Ctl.Tests;

public sealed class ExitCodeTests
{
    [Fact]
    public async Task Success_Is0()
    {
        await using var node = await CtlNode.StartAsync();

        var run = await node.RunAsync("apply", "-f", Samples.Plain("app.yaml"));

        Assert.Equal(0, (int)run.Code);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task WriteAtANodeWithoutStore_Is1_AndSaysWhereToWrite()
    {
        await using var node = await CtlNode.StartAsync(hasStore: false);

        var run = await node.RunAsync("delete", "Flavor", "tiny");

        Assert.Equal(1, (int)run.Code);
        Assert.Contains("write at a controller", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lst", "there is no command 'lst'; did you mean 'list'.")]
    [InlineData("get", "Required argument missing")]
    [InlineData("apply", "'--file' is required")]
    [InlineData("get Flavour tiny", "there is no type 'Flavour'; did you mean 'Flavor'? Known types: Alert, App,")]
    [InlineData("get Flavor", "the key of the Flavor is missing")]
    [InlineData("get AppInst a/b/c", "it has 3 of 2 values")]
    [InlineData("get AppInst organisation=a,name=b", "AppInstKey has no field 'organisation'; did you mean 'organization'")]
    [InlineData("get AppInst {\"name\":1}", "KEY:1:9: AppInstKey.name must be a text")]
    [InlineData("list Flavor --scope a/b", "Flavor has no scope")]
    [InlineData("list Flavor -o xml", "there is no output 'xml'")]
    [InlineData("list Flavor -o yaml --json", "contradict")]
    [InlineData("list Flavor --timeout soon", "no length of time")]
    [InlineData("list Flavor --address nowhere", "'nowhere' (--address) is no address")]
    [InlineData("delete", "what to delete is missing")]
    [InlineData("delete Flavor tiny -f x.yaml", "exclude each other")]
    [InlineData("store", "Required command was not provided")]
    [InlineData("store new-incarnation --etcd here --etcd-prefix x", "--etcd: 'here' is not of the form http://host:port or https://host:port.\n--etcd-prefix: 'x' is not")]
    [InlineData("list apps -o xml --timeout soon --address nowhere", "there is no output 'xml' (-o). Write -o table, -o yaml or -o json.")]
    [InlineData("list apps -o xml --timeout soon --address nowhere", "'soon' (--timeout) is no length of time.")]
    [InlineData("list apps -o xml --timeout soon --address nowhere", "'nowhere' (--address) is no address.")]
    [InlineData("apply -f x --yes", "--yes goes with --prune")]
    [InlineData("apply -f x --yes -l a=b -o xml", "-l goes with --prune.\n--yes goes with --prune")]
    [InlineData("apply -f x --yes -l a=b -o xml", "there is no output")]
    [InlineData("backup ", "FILE is empty: name a file.")]
    [InlineData("restore  --data-dir x", "FILE is empty: name a file.")]
    [InlineData("restore x --data-dir ", "--data-dir is empty: name a folder.")]
    [InlineData("apply -f ", "--file is empty: name a file or a folder.")]
    [InlineData("apply -f /does/not/exist.yaml", "/does/not/exist.yaml: there is no such file")]
    public async Task WrongUsage_Is2_AndSaysWhatIsWrong(string commandLine, string expected)
    {
        var run = await CtlRun.StartAsync(commandLine.Split(' '));

        Assert.Equal(2, (int)run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("delete")]
    public async Task ObjectThatIsNotThere_Is3_AndNamesIt(string command)
    {
        await using var node = await CtlNode.StartAsync();

        var run = await node.RunAsync(command, "AppInst", "acme/none");

        Assert.Equal(3, (int)run.Code);
        Assert.Contains($"{node.Address} has no AppInst acme/none.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailedCondition_Is4_AndNamesTheCurrentRevision()
    {
        await using var node = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Samples.Plain("app.yaml"));

        var run = await node.RunAsync("delete", "Flavor", "tiny", "--revision", "999");

        Assert.Equal(4, (int)run.Code);
        Assert.Matches(@"Flavor tiny was expected at revision 999, and it is at revision \d+\.", run.Error);
    }

    [Fact]
    public async Task NodeThatIsNotThere_Is5_AndSaysHowToNameAnother()
    {
        using Socket unused = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // Bound and not listening: connections are refused, and nobody else gets the port.
        var address = unused.LocalEndPoint!.ToString()!; // Bound, so it has one.

        var run = await CtlRun.StartAsync("apply", "-f", Samples.Plain("app.yaml"), "--address", address);

        Assert.Equal(5, (int)run.Code);
        Assert.Contains($"no answer from {address}", run.Error, StringComparison.Ordinal);
        Assert.Contains("--address", run.Error, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EtcdThatIsNotThere_Is5_AndNothingWasChanged()
    {
        using Socket unused = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // As above.

        var run = await CtlRun.StartAsync("store", "new-incarnation", "--etcd", $"http://{unused.LocalEndPoint}");

        Assert.Equal(5, (int)run.Code);
        Assert.Contains($"{unused.LocalEndPoint}: ", run.Error, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeThatIsSilent_Is5_AfterTheTimeout()
    {
        await using var server = await CtlNode.StartServerAsync(endpoints =>
            endpoints.MapGrpcUnary(ObjectsMethods.Get, async (_, call) =>
            {
                await Task.Delay(Timeout.Infinite, call.CancellationToken);
                return new GetResponse();
            }));

        var run = await CtlRun.StartAsync("get", "Flavor", "tiny", "--timeout", "200ms", "--address", server.Urls.Single());

        Assert.Equal(5, (int)run.Code);
        Assert.Contains("within 200ms", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GrpcStatusCode.PermissionDenied)]
    [InlineData(GrpcStatusCode.Unauthenticated)]
    public async Task Denial_Is6_WithTheNodesReason(GrpcStatusCode code)
    {
        await using var server = await CtlNode.StartServerAsync(endpoints =>
            endpoints.MapGrpcUnary<GetRequest, GetResponse>(ObjectsMethods.Get, (_, _) => throw new GrpcException(code, "Auditors only.")));

        var run = await CtlRun.StartAsync("get", "Flavor", "tiny", "--address", server.Urls.Single());

        Assert.Equal(6, (int)run.Code);
        Assert.Contains("Auditors only.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_ComesFromTheEnvironment_WhereTheCommandLineHasNone()
    {
        await using var node = await CtlNode.StartAsync();

        var run = await CtlRun.StartAsync(["list", "Flavor"], "", variables: new() { ["NOTIFY_ADDRESS"] = node.Address });

        Assert.Equal(0, (int)run.Code);
        Assert.Contains(node.Address, run.Error, StringComparison.Ordinal);
    }
}
