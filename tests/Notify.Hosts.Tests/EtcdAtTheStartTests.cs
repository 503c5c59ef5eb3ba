using System.Net;
using System.Net.Sockets;
using Notify.Client.Transport;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Hosts.Tests.Support;
using Notify.Server.Health;
using Notify.Server.Health.V1;
using Notify.Testing.Etcd;
using ServingStatus = Notify.Server.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Notify.Hosts.Tests;

/// <summary>Controllers whose etcd is away when they start, or does not want them.</summary>
public sealed class EtcdAtTheStartTests : IAsyncDisposable, IAsyncLifetime
{
    private readonly EtcdProcess _etcd = new();
    private readonly string _address = $"127.0.0.1:{FreePort()}";

    private string Waiting => $"top cannot start yet; trying again in 00:00:00.5000000. The store is not available: {_etcd.Address.Authority}: ";

    public Task InitializeAsync() => Task.CompletedTask;

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    public ValueTask DisposeAsync() => _etcd.DisposeAsync();

    [Fact]
    public async Task EtcdThatIsAway_IsSaidAndWaitedFor_AndTheControllerIsNotReadyUntilItIsThere()
    {
        await using var controller = Start();
        await SaysThatItWaitsAsync(controller);
        using var channel = new GrpcChannel(new Uri("http://" + _address));
        await Eventually.EqualAsync(ServingStatus.NotServing, () => HealthAsync(channel), "health while the store is away");
        var refused = await NodeCalls.StatusOfAsync(() => channel.UnaryAsync(ObjectsMethods.Get, new GetRequest()));
        Assert.Equal(GrpcStatusCode.Unavailable, refused.Code);
        Assert.StartsWith($"top is not ready: The store is not available: {_etcd.Address.Authority}: ", refused.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(controller.Output, line => line.StartsWith("listening", StringComparison.Ordinal));

        await _etcd.StartAsync();
        await controller.ListeningAsync();
        Assert.Equal(_address, controller.Address);
        Assert.Equal(ServingStatus.Serving, await HealthAsync(controller.Channel));
        await controller.PutAsync(World.All);
        await Eventually.SetAsync(World.All.OfType<AppInst>(), controller.ListAsync<AppInst>, "instances");
    }

    [Fact]
    public async Task ControllerThatIsStopped_WhileItWaits_EndsAtOnce()
    {
        await using var controller = Start();
        await SaysThatItWaitsAsync(controller);

        controller.Signal("TERM");

        Assert.Equal(0, await controller.ExitCodeAsync());
    }

    [Fact]
    public async Task PortThatIsTaken_EndsTheController_AlsoWhileTheStoreIsAway()
    {
        using var other = new TcpListener(IPEndPoint.Parse(_address));
        other.Start();
        await using var controller = Start();

        Assert.Equal(1, await controller.ExitCodeAsync());
        Assert.StartsWith($"error: --listen {_address}: another program listens on this port.", controller.Errors.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EtcdThatRefusesThePassword_EndsTheControllerWithOneClearLine()
    {
        await _etcd.StartAsync();
        foreach (var command in new string[][] { ["user", "add", "root:root"], ["user", "grant-role", "root", "root"], ["auth", "enable"] })
        {
            await _etcd.CtlAsync(command);
        }

        await using var controller = HostProcess.StartWith(["NOTIFY_ETCD_PASSWORD=guess"], "Notify.Controller", [.. Arguments, "--etcd-user", "root"]);

        Assert.Equal(1, await controller.ExitCodeAsync());
        Assert.StartsWith($"error: The store is not available: {_etcd.Address.Authority}: etcdserver: authentication failed", Assert.Single(controller.Errors), StringComparison.Ordinal);
    }

    private IEnumerable<string> Arguments => ["--name", "top", "--listen", _address, "--settle", "0", "--store", "etcd", "--etcd", _etcd.Address.ToString()];

    private HostProcess Start() => HostProcess.Start("Notify.Controller", Arguments);

    private Task SaysThatItWaitsAsync(HostProcess controller) => Eventually.EqualAsync(
        true, () => Task.FromResult(controller.Errors.Any(line => line.Contains(Waiting, StringComparison.Ordinal))), "the log says what is waited for");

    /// <summary>Null where nobody listens.</summary>
    private static async Task<ServingStatus?> HealthAsync(GrpcChannel channel)
    {
        try
        {
            return (await channel.UnaryAsync(HealthMethods.Check, new HealthCheckRequest())).Status;
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.Unavailable)
        {
            return null;
        }
    }

    /// <summary>One that was free a moment ago: the address has to be known before the controller listens for good.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
