namespace Notify.Ctl.Remote;

/// <summary>Reads addresses of nodes.</summary>
internal static class NodeAddress
{
    public const string Variable = "NOTIFY_ADDRESS";

    public const string Default = "127.0.0.1:7000";

    /// <summary>Takes <c>HOST:PORT</c>, and the same with <c>http://</c> or <c>https://</c> before it.</summary>
    /// <exception cref="CtlException">It is none of them.</exception>
    public static Uri Parse(string text, string source)
    {
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        return Uri.TryCreate(hasScheme ? text : "http://" + text, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            && address is { PathAndQuery: "/", Fragment: "", UserInfo: "", Host.Length: > 0 }
            && text.TrimEnd('/').EndsWith($":{address.Port}", StringComparison.Ordinal)
            ? address
            : throw new CtlException(ExitCode.Usage, $"'{text}' ({source}) is no address.", $"Write HOST:PORT, for instance {Default}, or https://HOST:PORT for TLS.");
    }
}
