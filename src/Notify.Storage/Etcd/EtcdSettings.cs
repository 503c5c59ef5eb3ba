using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Notify.Client.Transport;
using Notify.Core.Storage;

namespace Notify.Storage.Etcd;

/// <summary>Where a store in etcd is, as people write it in the options of programs. Immutable.</summary>
public sealed record EtcdSettings
{
    /// <summary>The default of <c>--etcd</c>.</summary>
    public const string DefaultEndpoints = "http://127.0.0.1:2379";

    /// <summary><c>--etcd</c>: addresses of members, with commas between.</summary>
    public string Endpoints { get; init; } = DefaultEndpoints;

    /// <summary><c>--etcd-prefix</c>; null: the default.</summary>
    public string? Prefix { get; init; }

    /// <summary><c>--etcd-user</c>.</summary>
    public string? User { get; init; }

    /// <summary><c>--etcd-password-file</c>: a file with the password in its first line.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The password where no file is named. Not used without a user.</summary>
    public string? Password { get; init; }

    /// <summary><c>--etcd-ca</c>: a PEM file with the authorities that may have signed the certificates of members.</summary>
    public string? CaFile { get; init; }

    /// <summary><c>--etcd-cert</c>: a PEM file with the certificate to show.</summary>
    public string? CertFile { get; init; }

    /// <summary><c>--etcd-key</c>: a PEM file with its private key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>What a transaction may have.</summary>
    public StoreLimits Limits { get; init; } = new();

    /// <summary>Where the store is; no password.</summary>
    public override string ToString() => Endpoints;

    /// <summary>Reads the files, and makes options of all. What is wrong, each beginning with its option, goes into the list.</summary>
    public EtcdStoreOptions Read(ICollection<string> problems)
    {
        var usual = new EtcdStoreOptions { Endpoints = [] };
        var options = usual with
        {
            Endpoints = ReadEndpoints(problems),
            Prefix = Prefix ?? usual.Prefix,
            User = User,
            Password = ReadPassword(problems),
            Tls = ReadTls(problems),
            Limits = Limits,
        };
        foreach (var (property, text) in options.Problems())
        {
            if (property == nameof(EtcdStoreOptions.Endpoints) && options.Endpoints.Count == 0)
            {
                continue; // Something was given, and could not be read.
            }

            problems.Add($"{OptionOf(property)}: {text}");
        }

        return options;
    }

    private static string OptionOf(string property) => property switch
    {
        nameof(EtcdStoreOptions.Prefix) => "--etcd-prefix",
        nameof(EtcdStoreOptions.Password) => "--etcd-password-file",
        nameof(EtcdStoreOptions.Tls) => "--etcd-ca, --etcd-cert",
        nameof(EtcdStoreOptions.Limits) => "--object-bytes-max",
        _ => "--etcd",
    };

    private List<Uri> ReadEndpoints(ICollection<string> problems)
    {
        var endpoints = new List<Uri>();
        foreach (var text in Endpoints.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(text, UriKind.Absolute, out var endpoint))
            {
                problems.Add($"--etcd: '{text}' is not of the form http://host:port or https://host:port.");
            }
            else if (endpoints.Contains(endpoint))
            {
                problems.Add($"--etcd: {text} is given twice.");
            }
            else
            {
                endpoints.Add(endpoint);
            }
        }

        return endpoints;
    }

    private string ReadPassword(ICollection<string> problems)
    {
        if (PasswordFile is null)
        {
            return User is null ? "" : Password ?? "";
        }

        return TryRead("--etcd-password-file", PasswordFile, problems, static file => File.ReadLines(file).FirstOrDefault()) ?? "";
    }

    private GrpcTlsOptions? ReadTls(ICollection<string> problems)
    {
        if (CaFile is null && CertFile is null && KeyFile is null)
        {
            return null;
        }

        if (CertFile is null != KeyFile is null)
        {
            problems.Add("--etcd-cert, --etcd-key: one is given without the other.");
        }

        return new GrpcTlsOptions
        {
            TrustedRoots = TryRead("--etcd-ca", CaFile, problems, static file =>
            {
                var roots = new X509Certificate2Collection();
                roots.ImportFromPemFile(file);
                return roots.Count > 0 ? roots : throw new CryptographicException("There is no certificate in it.");
            }),
            ClientCertificate = KeyFile is null
                ? null
                : TryRead("--etcd-cert", CertFile, problems, file => X509Certificate2.CreateFromPemFile(file, KeyFile)),
        };
    }

    private static T? TryRead<T>(string option, string? file, ICollection<string> problems, Func<string, T> read)
    {
        try
        {
            return file is null ? default : read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            problems.Add($"{option} {file}: {e.Message}");
            return default;
        }
    }
}
