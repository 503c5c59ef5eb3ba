using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Client.Transport;
using Notify.Server.Transport;

namespace Notify.Transport.Tests;

/// <summary>Kestrel on a free port of the loopback with the echo service, counting the connections it accepts.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly LogCollector _log;
    private int _connections;

    private TestServer(TestServerOptions options)
    {
        _log = new LogCollector();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = options.ShutdownTimeout);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureForGrpc(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10));
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                listen.Protocols = options.Protocols;
                listen.Use(next => connection =>
                {
                    Interlocked.Increment(ref _connections);
                    return next(connection);
                });
                if (options.Certificate is { } certificate)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = certificate;
                        if (options.RequireClientCertificate)
                        {
                            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                            https.ClientCertificateValidation = (client, _, _) => client.Thumbprint == options.ClientThumbprint;
                        }
                    });
                }
            });
        });
        _host = builder.Build();
        Echo.Map(_host, options.Endpoints);
        options.Map?.Invoke(_host);
        if (options.MapUnimplemented)
            _host.MapGrpcUnimplemented();
    }

    public EchoService Echo { get; } = new();

    public Uri Address { get; private set; } = null!; // Set by StartAsync, the only way to get an instance.

    public int Connections => Volatile.Read(ref _connections);

    public ConcurrentQueue<string> Log => _log.Lines;

    public static async Task<TestServer> StartAsync(TestServerOptions? options = null)
    {
        var server = new TestServer(options ?? new());
        await server._host.StartAsync();
        server.Address = new Uri(server._host.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        return server;
    }

    public GrpcChannel Connect(GrpcChannelOptions? options = null) => new(Address, options);

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        // At once: calls that a failed test left behind are not waited for.
        await _host.StopAsync(new CancellationToken(canceled: true));
        await _host.DisposeAsync();
    }
}

/// <summary>What differs between the servers of the tests.</summary>
internal sealed record TestServerOptions
{
    public int Port { get; init; }

    public HttpProtocols Protocols { get; init; } = HttpProtocols.Http2;

    public GrpcEndpointOptions? Endpoints { get; init; }

    public Action<IEndpointRouteBuilder>? Map { get; init; }

    public bool MapUnimplemented { get; init; } = true;

    public TimeSpan ShutdownTimeout { get; init; } = Limits.Patience;

    public X509Certificate2? Certificate { get; init; }

    public bool RequireClientCertificate { get; init; }

    public string? ClientThumbprint { get; init; }
}
