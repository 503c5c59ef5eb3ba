using System.Security.Cryptography.X509Certificates;

namespace Notify.Client.Transport;

/// <summary>How a channel with an <c>https</c> address proves who it is and checks whom it talks to.</summary>
public sealed record GrpcTlsOptions
{
    /// <summary>The authorities that may have signed the server's certificate. Null, the default value: those of the system.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The certificate, with its private key, that the client shows. Null, the default value: none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>
    /// The name that the server's certificate must have; calls then carry it as their authority. Null, the default value: the host of the
    /// address.
    /// </summary>
    public string? ServerName { get; init; }
}
