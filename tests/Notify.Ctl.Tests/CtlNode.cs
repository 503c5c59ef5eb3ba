using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Server.Objects;
using Notify.Server.Tests;
using Notify.Server.Transport;
using Notify.Storage;

namespace Notify.Ctl.Tests;

/// <summary>A controller with the object API on a real port, to run the program against.</summary>
internal sealed class CtlNode : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IObjectStore _store;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _feed;

    private CtlNode(WebApplication app, Mirror mirror, IObjectStore store, StoreFeed feed)
    {
        (_app, Mirror, _store) = (app, mirror, store);
        _feed = feed.RunAsync(_stop.Token);
    }

    public string Address => new Uri(_app.Urls.Single()).Authority;

    public Mirror Mirror { get; }

    /// <param name="hasStore">False: a node that takes no writes.</param>
    /// <param name="map">Maps further services.</param>
    public static async Task<CtlNode> StartAsync(bool hasStore = true, Action<IEndpointRouteBuilder>? map = null)
    {
        TypeTable table = new();
        table.Register(EdgeTypes.All);
        Mirror mirror = new(table, new MirrorOptions { Node = "test", DynamicSpace = new Space("test", "1"), Limits = new JournalLimits() });
        MemoryObjectStore store = new(StoreIdentity.Create(new Random(1)));
        StoreFeed feed = new(store, mirror, new StoreFeedOptions(), TimeProvider.System, NullLogger<StoreFeed>.Instance);
        ObjectsService service = new(mirror, hasStore ? store : null, new ObjectsOptions(), TimeProvider.System, NullLogger<ObjectsService>.Instance);
        var app = await StartServerAsync(endpoints =>
        {
            endpoints.MapNotifyObjects(service);
            map?.Invoke(endpoints);
            endpoints.MapGrpcUnimplemented();
        });
        CtlNode node = new(app, mirror, store, feed);
        await feed.Loaded.WaitAsync(TimeSpan.FromSeconds(30));
        return node;
    }

    /// <summary>A server with just these services.</summary>
    public static Task<WebApplication> StartServerAsync(Action<IEndpointRouteBuilder> map) => GrpcHost.StartAsync(map);

    /// <summary>Runs the program against this node.</summary>
    public Task<CtlRun> RunAsync(params string[] arguments) => CtlRun.StartAsync(["--address", Address, .. arguments]);

    /// <summary>As <see cref="RunAsync"/>, for a run that has to succeed, and gives its output.</summary>
    public async Task<string> OutputOfAsync(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        Assert.True(run.Code == ExitCode.Ok, $"notifyctl {string.Join(' ', arguments)} ended with {run.Code}: {run.Error}");
        return run.Out;
    }

    /// <summary>Ends the server, with the calls that go on.</summary>
    public Task StopAsync() => _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _feed);
        _stop.Dispose();
        await StopAsync();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
    }
}
