using Notify.Client.Transport;
using Notify.Core.Storage;

namespace Notify.Storage.Etcd;

/// <summary>Options of <see cref="EtcdObjectStore"/>. Immutable.</summary>
public sealed record EtcdStoreOptions
{
    /// <summary>
    /// Members of one cluster, <c>http://host:port</c> or <c>https://host:port</c>. One is used at a time; the next one when it fails.
    /// </summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>What all keys of the store begin with; it ends in a slash. The default value is <c>/notify/</c>.</summary>
    public string Prefix { get; init; } = "/notify/";

    /// <summary>Name of etcd's user. Null, the default value: none.</summary>
    public string? User { get; init; }

    /// <summary>The user's password. Empty where there is no user.</summary>
    public string Password { get; init; } = "";

    /// <summary>TLS for <c>https</c> endpoints. Null, the default value: the system's authorities and no client certificate.</summary>
    public GrpcTlsOptions? Tls { get; init; }

    /// <summary>What a transaction may have. etcd takes at most 127 changes and its requests have a limit of their own.</summary>
    public StoreLimits Limits { get; init; } = new();

    /// <summary>
    /// The most bytes of a request that etcd takes (its <c>--max-request-bytes</c>). The default value is etcd's, 1.5 MiB. A commit that is
    /// within <see cref="Limits"/> and larger than this once encoded is rejected.
    /// </summary>
    public int RequestBytesMax { get; init; } = 1536 * 1024;

    /// <summary>Time for the answer of one member. The default value is 3 seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Silence of a watch after which etcd is asked whether it is still there. The default value is 2 seconds.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time for that answer; then the watch ends, and is to be opened again. The default value is 3 seconds.</summary>
    public TimeSpan ProgressTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How many revisions others may make in the cluster before an idle store makes one, so that its head stays above what is compacted. The
    /// default value is 1,000.
    /// </summary>
    public long TickRevisions { get; init; } = 1000;

    /// <summary>The most bytes of an answer. A commit first reads what it changes: 100 objects of a megabyte.</summary>
    internal int AnswerBytesMax { get; init; } = 256 << 20;

    /// <summary>The clock of timeouts. The default value is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the store is; no password.</summary>
    public override string ToString() => $"{Prefix} at {string.Join(", ", Endpoints)}";

    /// <summary>What is wrong with these options, and of which of them; empty where nothing is.</summary>
    public IEnumerable<(string Property, string Text)> Problems()
    {
        if (Endpoints.Count == 0)
        {
            yield return (nameof(Endpoints), "no endpoint is given.");
        }

        foreach (var endpoint in Endpoints)
        {
            if (!endpoint.IsAbsoluteUri || (endpoint.Scheme != Uri.UriSchemeHttp && endpoint.Scheme != Uri.UriSchemeHttps) || endpoint.PathAndQuery != "/")
            {
                yield return (nameof(Endpoints), $"'{endpoint.OriginalString}' is not of the form http://host:port or https://host:port.");
            }
        }

        if (Prefix.Length < 2 || Prefix[^1] != '/' || Prefix.Any(c => c is <= ' ' or > '~'))
        {
            yield return (nameof(Prefix), $"'{Prefix}' is not printable ASCII that ends in a slash.");
        }

        if (Limits.ChangesMax > EtcdCommit.ChangesMost)
        {
            yield return (nameof(Limits), $"{Limits.ChangesMax} changes in a commit are more than the {EtcdCommit.ChangesMost} that etcd takes.");
        }

        if (Limits.ObjectBytesMax > RequestBytesMax - EtcdCommit.OverheadBytes)
        {
            yield return (nameof(Limits), $"etcd takes requests of {RequestBytesMax} bytes, so objects of at most {RequestBytesMax - EtcdCommit.OverheadBytes}.");
        }

        if (User is null && Password.Length > 0)
        {
            yield return (nameof(Password), "a password is given, and no user.");
        }

        if (Tls is not null && Endpoints.All(endpoint => endpoint.IsAbsoluteUri && endpoint.Scheme == Uri.UriSchemeHttp))
        {
            yield return (nameof(Tls), "given, and no endpoint begins with https.");
        }
    }
}
