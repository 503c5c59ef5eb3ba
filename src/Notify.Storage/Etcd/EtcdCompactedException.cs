namespace Notify.Storage.Etcd;

/// <summary>The events that a watch was to begin with are compacted.</summary>
internal sealed class EtcdCompactedException(long revision) : Exception
{
    /// <summary>The oldest revision that is kept.</summary>
    public long Revision { get; } = revision;
}
