using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Storage;
using Notify.Storage.Etcd;
using Notify.Testing;

namespace Notify.Storage.Tests.Etcd;

/// <summary>The contract of all stores, over a real etcd.</summary>
public sealed class EtcdObjectStoreTests(EtcdFixture fixture) : StoreConformance, IClassFixture<EtcdFixture>
{
    protected override async ValueTask<IObjectStore> OpenAsync(StoreLimits limits) => await EtcdObjectStore.OpenAsync(
        new EtcdStoreOptions { Endpoints = [fixture.Etcd.Address], Prefix = fixture.NextPrefix(), Limits = limits },
        new Random(),
        NullLogger<EtcdObjectStore>.Instance,
        Deadline);
}
