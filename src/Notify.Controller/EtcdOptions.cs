using System.CommandLine;
using Notify.Storage.Etcd;

namespace Notify.Controller;

/// <summary>The options that say where a store in etcd is, for every program that opens one.</summary>
internal sealed class EtcdOptions
{
    /// <summary>The environment variable with the password.</summary>
    public const string PasswordVariable = "NOTIFY_ETCD_PASSWORD";

    private readonly Option<string?> _endpoints = new("--etcd")
    {
        Description = $"Members of the cluster, with commas between; one is used at a time. [default: {EtcdSettings.DefaultEndpoints}]",
        HelpName = "URL[,URL]",
    };

    private readonly Option<string?> _prefix = new("--etcd-prefix") { Description = "What all keys begin with. [default: /notify/]", HelpName = "PREFIX" };

    private readonly Option<string?> _user = new("--etcd-user")
    {
        Description = $"User of etcd; the password is in ${PasswordVariable}, or in the first line of --etcd-password-file.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _passwordFile = new("--etcd-password-file") { Description = "File with the user's password.", HelpName = "FILE" };

    private readonly Option<string?> _ca = new("--etcd-ca") { Description = "PEM file with the authorities of etcd's certificates. By default the system's.", HelpName = "FILE" };

    private readonly Option<string?> _cert = new("--etcd-cert") { Description = "PEM file with the certificate to show to etcd.", HelpName = "FILE" };

    private readonly Option<string?> _key = new("--etcd-key") { Description = "PEM file with the key of --etcd-cert.", HelpName = "FILE" };

    /// <summary>The options, for a command.</summary>
    public IReadOnlyList<Option<string?>> All => [_endpoints, _prefix, _user, _passwordFile, _ca, _cert, _key];

    /// <summary>What they say.</summary>
    /// <param name="valueOf">Reads an option.</param>
    /// <param name="variable">Reads an environment variable.</param>
    public EtcdSettings Read(Func<Option<string?>, string?> valueOf, Func<string, string?> variable) => new()
    {
        Endpoints = valueOf(_endpoints) ?? EtcdSettings.DefaultEndpoints,
        Prefix = valueOf(_prefix),
        User = valueOf(_user),
        PasswordFile = valueOf(_passwordFile),
        Password = variable(PasswordVariable),
        CaFile = valueOf(_ca),
        CertFile = valueOf(_cert),
        KeyFile = valueOf(_key),
    };
}
