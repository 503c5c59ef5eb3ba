using System.Globalization;
using Google.Protobuf;
using Notify.Core.Storage;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Etcd;

/// <summary>The identity of a store as its keys have it.</summary>
/// <param name="Identity">The identity.</param>
/// <param name="CreateRevision">The revision at which the store was made.</param>
internal sealed record EtcdIdentity(StoreIdentity Identity, long CreateRevision)
{
    private const int Format = 1;

    /// <summary>The identity of the store under a prefix; null where there is none.</summary>
    /// <exception cref="EtcdLayoutException">There is something else.</exception>
    public static async Task<EtcdIdentity?> ReadAsync(EtcdClient client, EtcdKeys keys, CancellationToken cancellationToken)
    {
        var (format, store, incarnation) = await GetAsync(client, keys, cancellationToken).ConfigureAwait(false);
        if (format is null && store is null && incarnation is null)
        {
            return null;
        }

        if (!int.TryParse(format?.Value.ToStringUtf8(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
        {
            throw new EtcdLayoutException(keys.Prefix.ToStringUtf8(), $"its format is '{format?.Value.ToStringUtf8()}', which is no number.");
        }

        if (number > Format)
        {
            throw new EtcdLayoutException(keys.Prefix.ToStringUtf8(), $"it has format {number}, and this program knows formats up to {Format}.");
        }

        return TryRead(store) is { } storeId && TryRead(incarnation) is { } incarnationId
            ? new EtcdIdentity(new StoreIdentity(storeId, incarnationId), store!.CreateRevision) // It was read.
            : throw new EtcdLayoutException(keys.Prefix.ToStringUtf8(), "its id or its incarnation is missing, or is not 32 hexadecimal digits.");
    }

    /// <summary>Makes a store under a prefix; where somebody else has made one meanwhile, that one.</summary>
    public static async Task<EtcdIdentity> CreateAsync(EtcdClient client, EtcdKeys keys, Random random, CancellationToken cancellationToken)
    {
        var identity = StoreIdentity.Create(random);
        var request = new TxnRequest();
        foreach (var key in new[] { keys.Format, keys.Store, keys.Incarnation })
        {
            request.Compare.Add(EtcdCommit.Unchanged(key, 0));
        }

        request.Success.Add(EtcdCommit.Put(keys.Format, ByteString.CopyFromUtf8(Format.ToString(CultureInfo.InvariantCulture))));
        request.Success.Add(EtcdCommit.Put(keys.Store, Write(identity.Store)));
        request.Success.Add(EtcdCommit.Put(keys.Incarnation, Write(identity.Incarnation)));
        request.Success.Add(EtcdCommit.Put(keys.Head, ByteString.Empty));
        var response = await client.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        return response.Succeeded
            ? new EtcdIdentity(identity, response.Header.Revision)
            : await ReadAsync(client, keys, cancellationToken).ConfigureAwait(false)
                ?? throw new StoreUnavailableException("it was made and deleted while it was opened.");
    }

    /// <summary>Gives the store under a prefix a new incarnation.</summary>
    public static async Task<(StoreIdentity Before, StoreIdentity After)> RenewAsync(
        EtcdClient client, EtcdKeys keys, Random random, CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = await ReadAsync(client, keys, cancellationToken).ConfigureAwait(false)
                ?? throw new EtcdLayoutException(keys.Prefix.ToStringUtf8(), "there are no keys.");
            var after = before.Identity.NextIncarnation(random);
            var request = new TxnRequest();
            request.Compare.Add(new Compare
            {
                Key = keys.Incarnation,
                Target = Compare.Types.CompareTarget.Value,
                Value = Write(before.Identity.Incarnation),
            });
            request.Success.Add(EtcdCommit.Put(keys.Incarnation, Write(after.Incarnation)));
            request.Success.Add(EtcdCommit.Put(keys.Head, ByteString.Empty));
            if ((await client.WriteAsync(request, cancellationToken).ConfigureAwait(false)).Succeeded)
            {
                return (before.Identity, after);
            }
        }
    }

    /// <summary>The id that a key has as its value; null where it has none.</summary>
    public static Guid? TryRead(KeyValue? pair) => Guid.TryParseExact(pair?.Value.ToStringUtf8(), "N", out var id) ? id : null;

    private static ByteString Write(Guid id) => ByteString.CopyFromUtf8(id.ToString("N"));

    private static async Task<(KeyValue? Format, KeyValue? Store, KeyValue? Incarnation)> GetAsync(
        EtcdClient client, EtcdKeys keys, CancellationToken cancellationToken)
    {
        var request = new TxnRequest();
        foreach (var key in new[] { keys.Format, keys.Store, keys.Incarnation })
        {
            request.Success.Add(new RequestOp { RequestRange = new RangeRequest { Key = key } });
        }

        var response = await client.ReadAsync(EtcdMethod.Txn, request, cancellationToken).ConfigureAwait(false);
        var pairs = response.Responses.Select(one => one.ResponseRange.Kvs.FirstOrDefault()).ToList();
        return (pairs[0], pairs[1], pairs[2]);
    }
}
