using Notify.Client.Transport;
using Notify.Core.Transport;
using Notify.Server.Health;
using Notify.Server.Health.V1;
using ServingStatus = Notify.Server.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Notify.Transport.Tests;

public sealed class HealthTests
{
    [Theory]
    [InlineData("", ServingStatus.Serving)]
    [InlineData("good", ServingStatus.Serving)]
    [InlineData("bad", ServingStatus.NotServing)]
    public async Task Check_OfAKnownService_TellsItsStatus(string service, ServingStatus expected)
    {
        var health = new GrpcHealth();
        health.Set("good", true);
        health.Set("bad", false);
        await using var server = await StartAsync(health);
        using var channel = server.Connect();

        var answer = await channel.UnaryAsync(HealthMethods.Check, new HealthCheckRequest { Service = service });

        Assert.Equal(expected, answer.Status);
    }

    [Fact]
    public async Task Check_OfAnUnknownService_IsNotFound()
    {
        await using var server = await StartAsync(new GrpcHealth());
        using var channel = server.Connect();

        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(HealthMethods.Check, new HealthCheckRequest { Service = "nothing" }));

        Assert.Equal(GrpcStatusCode.NotFound, e.Code);
    }

    [Fact]
    public async Task Watch_OfAServiceThatComesAndGoes_TellsEachChangeOnce()
    {
        var health = new GrpcHealth();
        await using var server = await StartAsync(health);
        using var channel = server.Connect();
        await using var watch = channel.ServerStreaming(HealthMethods.Watch, new HealthCheckRequest { Service = "link" });

        Assert.Equal(ServingStatus.ServiceUnknown, (await NextAsync(watch)).Status);
        health.Set("link", true);
        Assert.Equal(ServingStatus.Serving, (await NextAsync(watch)).Status);
        health.Set("link", true);
        health.Set("other", false);
        health.Set("link", false);
        Assert.Equal(ServingStatus.NotServing, (await NextAsync(watch)).Status);
        health.Set("link", true);
        Assert.Equal(ServingStatus.Serving, (await NextAsync(watch)).Status);
        health.ShutDown();
        Assert.Equal(ServingStatus.NotServing, (await NextAsync(watch)).Status);
        health.Set("link", true);
        Assert.Equal(ServingStatus.NotServing, (await channel.UnaryAsync(HealthMethods.Check, new HealthCheckRequest { Service = "link" })).Status);
    }

    [Fact]
    public async Task Watch_WhenTheHostStops_EndsWithUnavailableAndDoesNotHoldItUp()
    {
        await using var server = await StartAsync(new GrpcHealth());
        using var channel = server.Connect();
        await using var watch = channel.ServerStreaming(HealthMethods.Watch, new HealthCheckRequest());
        await NextAsync(watch);

        var stopping = server.StopAsync();

        var e = await Assert.ThrowsAsync<GrpcException>(() => NextAsync(watch));
        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
        await stopping.WaitAsync(Limits.Patience / 2);
    }

    private static Task<HealthCheckResponse> NextAsync(ServerStreamingCall<HealthCheckResponse> watch) =>
        watch.ReadAsync().AsTask().WaitAsync(Limits.Patience);

    private static Task<TestServer> StartAsync(GrpcHealth health) =>
        TestServer.StartAsync(new() { Map = endpoints => endpoints.MapGrpcHealth(health) });
}
