using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Notify.Client.Transport;

/// <summary>Sets the HTTP client of .NET up to be a transport of gRPC and nothing else.</summary>
internal static class GrpcSockets
{
    public static SocketsHttpHandler CreateHandler(GrpcChannelOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAliveInterval ?? Timeout.InfiniteTimeSpan,
            KeepAlivePingTimeout = options.KeepAliveTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            InitialHttp2StreamWindowSize = options.StreamWindowBytes,
            // A server limits the calls per connection, to a hundred by default in Kestrel; the next ones get another connection.
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        };
        if (options.Tls is { } tls)
            handler.SslOptions = CreateTls(tls);
        return handler;
    }

    private static SslClientAuthenticationOptions CreateTls(GrpcTlsOptions tls)
    {
        var ssl = new SslClientAuthenticationOptions();
        if (tls.ClientCertificate is { } certificate)
            ssl.ClientCertificates = [certificate];
        if (tls.TrustedRoots is { } roots)
        {
            ssl.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck, // Private authorities commonly publish no revocation lists.
            };
            ssl.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }
        return ssl;
    }
}
