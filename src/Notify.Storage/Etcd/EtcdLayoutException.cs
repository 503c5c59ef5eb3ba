using Notify.Core;

namespace Notify.Storage.Etcd;

/// <summary>What lies under the prefix is not a store that this program can open. Nothing was changed.</summary>
public sealed class EtcdLayoutException(string prefix, string reason) : NotifyException(
    $"Under {prefix} in etcd is no store that this program can open: {reason}. Choose another prefix, or look at it with: etcdctl get --prefix --keys-only {prefix}")
{
    /// <summary>The prefix.</summary>
    public string Prefix { get; } = prefix;
}
