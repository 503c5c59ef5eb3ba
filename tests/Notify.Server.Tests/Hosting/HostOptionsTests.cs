using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Client;
using Notify.Core.Caches;
using Notify.Core.Storage;
using Notify.Storage;
using Notify.Testing;

namespace Notify.Server.Tests.Hosting;

/// <summary>What the host of a node is told when its options are wrong, and that it starts and stops as hosts do.</summary>
public sealed class HostOptionsTests
{
    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task Client_WithManyWrongOptions_ReportsThemTogetherOnStart()
    {
        using var host = Build(services => services.AddNotifyClient(options =>
        {
            options.Name = "";
            options.Role = "";
            options.Interest = null!; // As code without nullability checks may.
            options.Upstreams.Add(null!); // As above.
            options.Upstreams.Add(new Uri("ftp://top:1"));
            options.Limits = new() { HeartbeatMs = 2000, SilenceMs = 1000, FrameBytesMax = 10 };
            options.Backoff = new() { BackoffMinMs = 300, BackoffMaxMs = 200 };
        }));

        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Deadline));

        Assert.Collection(
            wrong.Failures.Order(StringComparer.Ordinal),
            failure => Assert.Equal("Backoff.BackoffMinMs is 300; it must be at most BackoffMaxMs, which is 200.", failure),
            failure => Assert.Equal("Limits.FrameBytesTarget is 65536; it must be at most FrameBytesMax, which is 10.", failure),
            failure => Assert.Equal("Limits.ObjectBytesMax is 1048576; it must be at most FrameBytesMax, which is 10.", failure),
            failure => Assert.StartsWith("Limits.SilenceMs is 1000; it must be more than HeartbeatMs, which is 2000", failure, StringComparison.Ordinal),
            failure => Assert.Contains("Interest", failure, StringComparison.Ordinal),
            failure => Assert.Contains("Name", failure, StringComparison.Ordinal),
            failure => Assert.Contains("Role", failure, StringComparison.Ordinal),
            failure => Assert.StartsWith("Upstream '' is not an address", failure, StringComparison.Ordinal),
            failure => Assert.StartsWith("Upstream 'ftp://top:1/' is not an address", failure, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Client_WithoutUpstream_IsToldTheForm()
    {
        using var host = Build(services => services.AddNotifyClient(_ => { }));

        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Deadline));

        Assert.Equal("Upstreams needs at least one address of the form http://host:port.", Assert.Single(wrong.Failures));
    }

    [Fact]
    public async Task Server_WithManyWrongOptions_ReportsThemTogetherOnStart()
    {
        using var host = Build(services => services
            .AddNotifyServer(options =>
            {
                options.Name = "";
                options.Role = "";
                options.Limits = new() { MessagesMax = 0, HandshakeMs = -1 };
                options.Hub = new() { GraceMs = -1, SessionsMax = 0, DrainMs = -1, FullSyncsMax = 0 };
                options.Feed = new() { Horizon = -1, RetryDelay = TimeSpan.Zero };
            })
            .UseStore(_ => Memory()));

        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Deadline));

        Assert.Collection(
            wrong.Failures.Order(StringComparer.Ordinal),
            failure => Assert.Equal("Feed.Horizon is -1; it must be at least 0.", failure),
            failure => Assert.Equal("Feed.RetryDelay is 00:00:00; it must be above zero.", failure),
            failure => Assert.Equal("Hub.DrainMs is -1; it must be at least 0.", failure),
            failure => Assert.Equal("Hub.FullSyncsMax is 0; it must be at least 1.", failure),
            failure => Assert.Equal("Hub.GraceMs is -1; it must be at least 0.", failure),
            failure => Assert.Equal("Hub.SessionsMax is 0; it must be at least 1.", failure),
            failure => Assert.Equal("Limits.HandshakeMs is -1; it must be at least 1.", failure),
            failure => Assert.Equal("Limits.MessagesMax is 0; it must be at least 1.", failure),
            failure => Assert.Contains("Name", failure, StringComparison.Ordinal),
            failure => Assert.Contains("Role", failure, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_WithoutOptionsThatItNeeds_NamesThem()
    {
        using var host = Build(services => services
            .AddNotifyServer(options => (options.Limits, options.Hub, options.Feed) = (null!, null!, null!)) // As code without nullability checks may.
            .UseStore(_ => Memory()));

        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Deadline));

        Assert.Equal(3, wrong.Failures.Count());
    }

    [Fact]
    public async Task Server_WithoutStore_SaysToCallUseStore()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddNotifyServer(options => options.Name = "top");
        await using var app = builder.Build();

        Assert.Contains("Call UseStore(...)", Assert.Throws<InvalidOperationException>(app.MapNotify).Message, StringComparison.Ordinal);
        using var host = Build(services => services.AddNotifyServer(options => options.Name = "top"));
        Assert.Contains("Call UseStore(...)", (await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Deadline))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_WhoseStartIsCancelledWhileTheStoreIsAway_EndsItsStart()
    {
        var store = new FaultyStore(Memory());
        store.Declared += () => store.IsUnreachable = true;
        using var host = Build(services => services
            .AddNotifyServer(options =>
            {
                options.Name = "top";
                options.Feed = new() { RetryDelay = TimeSpan.FromHours(1) };
            })
            .UseStore(_ => store));
        using var cancel = new CancellationTokenSource();

        var starting = host.StartAsync(cancel.Token);
        Assert.False(starting.IsCompleted);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.WaitAsync(Deadline));
        await host.StopAsync(Deadline);
    }

    [Fact]
    public async Task Server_WhoseStoreIsAwayWhenItStarts_StartsWhenItIsThere()
    {
        var store = new FaultyStore(Memory()) { IsUnreachable = true };
        using var host = Build(services => services
            .AddNotifyServer(options =>
            {
                options.Name = "top";
                options.Feed = new() { RetryDelay = TimeSpan.FromMilliseconds(10) };
            })
            .UseStore(_ => store));

        var starting = host.StartAsync(Deadline);
        await Until.CountAsync("the host asks again and again", () => store.Attempts, now => now >= 3);
        Assert.False(starting.IsCompleted);
        store.IsUnreachable = false;

        await starting;
        Assert.NotNull(host.Services.GetRequiredService<Mirror>().Snapshot().StoredSpace);
        await host.StopAsync(Deadline);
    }

    [Fact]
    public async Task Client_WhoseStopIsCancelled_StopsWithoutItsGoodbye()
    {
        using var host = Build(services => services.AddNotifyClient(options =>
        {
            options.Name = "leaf";
            options.Upstreams.Add(new Uri("http://127.0.0.1:9"));
        }));
        await host.StartAsync(Deadline);

        var stopped = await Record.ExceptionAsync(() => host.StopAsync(new CancellationToken(canceled: true)).WaitAsync(Deadline));

        Assert.True(stopped is null or OperationCanceledException, $"{stopped}");
        Assert.True(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    private static MemoryObjectStore Memory() => new(StoreIdentity.Create(new Random(1)), new MemoryStoreOptions());

    private static IHost Build(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.ClearProviders();
        configure(builder.Services);
        return builder.Build();
    }
}
