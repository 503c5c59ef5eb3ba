using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Notify.Hosting;

/// <summary>An endpoint as people write it: HOST:PORT. Immutable.</summary>
/// <param name="Host">Host name, or address; an IPv6 address without brackets.</param>
/// <param name="Port">0 to 65535.</param>
public sealed record HostPort(string Host, int Port)
{
    /// <summary>Parses HOST:PORT; IPv6 addresses are in brackets.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HostPort? endpoint)
    {
        endpoint = null;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var host = text[..colon];
        if (host is ['[', .. var inner, ']'] && IPAddress.TryParse(inner, out _))
        {
            host = inner;
        }
        else if (host.Contains(':', StringComparison.Ordinal) || Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            return false;
        }

        endpoint = new HostPort(host, port);
        return true;
    }

    /// <summary>The address to listen on, or null where the host is neither an IP address nor <c>localhost</c>.</summary>
    public IPAddress? ListenAddress => Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(Host, out var address) ? address : null;

    /// <summary>The address of a server there, over HTTP/2 without TLS.</summary>
    public Uri ToUri() => new($"http://{this}");

    /// <summary>The form that <see cref="TryParse"/> takes.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
