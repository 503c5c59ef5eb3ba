using System.Diagnostics;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Notify.Core.Transport;
using Notify.Server.Transport;

namespace Notify.Hosts.Tests.Support;

/// <summary>Speaks gRPC and refuses every handshake.</summary>
internal sealed class RefusingUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<long> _attempts = Channel.CreateBounded<long>(1000);

    private RefusingUpstream()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapGrpcDuplex(LinkMethod.Connect, (_, _, _) =>
        {
            _attempts.Writer.TryWrite(Stopwatch.GetTimestamp());
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, "Nobody is welcome here.");
        });
    }

    public string Address => new Uri(_app.Urls.Single()).Authority;

    public static async Task<RefusingUpstream> StartAsync()
    {
        var upstream = new RefusingUpstream();
        await upstream._app.StartAsync();
        return upstream;
    }

    /// <summary>When the next attempt came, as <see cref="Stopwatch.GetTimestamp"/> has it.</summary>
    public Task<long> NextAttemptAsync() => _attempts.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Patience);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
