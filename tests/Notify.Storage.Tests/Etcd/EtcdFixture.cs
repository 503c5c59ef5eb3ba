using Notify.Testing.Etcd;

namespace Notify.Storage.Tests.Etcd;

/// <summary>One etcd for all tests of a class, which use a prefix each.</summary>
public sealed class EtcdFixture : IAsyncLifetime
{
    private int _prefixes;

    public EtcdProcess Etcd { get; } = new();

    public string NextPrefix() => $"/test-{Interlocked.Increment(ref _prefixes)}/";

    public Task InitializeAsync() => Etcd.StartAsync();

    public async Task DisposeAsync() => await Etcd.DisposeAsync();
}
