using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Server.Health;
using Notify.Server.Transport;
using Serilog.Extensions.Logging;
using ILogger = Microsoft.Extensions.Logging.ILogger;

namespace Notify.Hosting;

/// <summary>
/// Stands where a node is going to listen while that waits for something without which it cannot start: its health is NOT_SERVING, and every other call
/// ends with UNAVAILABLE and the reason, so that nodes try elsewhere. Nothing listens before the first <see cref="WaitAsync"/>.
/// </summary>
/// <remarks>The node's host starts it as its last service but the server itself; then it makes room.</remarks>
public sealed partial class NotReadyServer : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan DelayMin = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(10);

    private readonly NodeOptions _options;
    private readonly Serilog.ILogger _log;
    private readonly ILogger _logger;
    private volatile string _reason = "";
    private TimeSpan _delay = DelayMin;
    private WebApplication? _app;

    internal NotReadyServer(NodeOptions options, Serilog.ILogger log)
    {
        (_options, _log) = (options, log);
        Loggers = new SerilogLoggerFactory(log);
        _logger = Loggers.CreateLogger<NotReadyServer>();
    }

    /// <summary>The program's log, for what is made before its host is.</summary>
    public ILoggerFactory Loggers { get; }

    /// <summary>Says what is waited for, and waits before the next attempt: half a second at first, twice as long each time, 10 s at most.</summary>
    public async Task WaitAsync(string reason, CancellationToken cancellationToken)
    {
        _reason = $"{_options.Name} is not ready: {reason}";
        Log.Waiting(_logger, _options.Name, _delay, reason);
        if (_app is null)
        {
            _app = Build();
            await _app.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        await Task.Delay(_delay, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        _delay = _delay * 2 < DelayMax ? _delay * 2 : DelayMax;
    }

    /// <summary>Makes room for the node's own server.</summary>
    public async Task StartAsync(CancellationToken cancellationToken) => await DisposeAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _app, null) is { } app)
        {
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            await app.DisposeAsync().ConfigureAwait(false);
        }
    }

    private WebApplication Build()
    {
        var health = new GrpcHealth();
        health.Set("", serving: false);
        var builder = NodeHost.CreateBuilder(_options, _log);
        builder.Services.AddSingleton(TimeProvider.System);
        var app = builder.Build();
        app.MapGrpcHealth(health);
        app.MapGrpcUnavailable(() => _reason);
        return app;
    }

    private static partial class Log
    {
        [LoggerMessage(6010, LogLevel.Warning, "{Name} cannot start yet; trying again in {Delay}. {Reason}")]
        public static partial void Waiting(ILogger logger, string name, TimeSpan delay, string reason);
    }
}
