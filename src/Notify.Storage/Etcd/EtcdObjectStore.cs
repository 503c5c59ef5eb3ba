using Microsoft.Extensions.Logging;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Core.Types;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Etcd;

/// <summary>
/// A durable store under a prefix of an etcd cluster (3.4 or later), for any number of controllers. Revisions are etcd's. docs/etcd.md has the
/// layout.
/// </summary>
/// <remarks>
/// <para>The head moves by events under the prefix only. Others may write to the cluster; where they alone do, a watch makes a revision of its own now
/// and then, so that compactions do not overtake it.</para>
/// <para>A declaration of more than a hundred new types makes several revisions. <see cref="CompactAsync"/> compacts the whole cluster.</para>
/// <para>Thread safe. A cancelled commit may still be made.</para>
/// </remarks>
public sealed partial class EtcdObjectStore : IObjectStore
{
    private readonly EtcdStoreOptions _options;
    private readonly ILogger _logger;
    private readonly EtcdClient _client;
    private readonly EtcdKeys _keys;

    // The revision that made the store. Before it there was nothing, whatever is compacted.
    private readonly long _birth;
    private readonly CancellationTokenSource _closing = new();
    private long _oldest;
    private long _seen;

    private EtcdObjectStore(EtcdStoreOptions options, ILogger logger, EtcdClient client, EtcdKeys keys, EtcdIdentity identity)
    {
        (_options, _logger, _client, _keys) = (options, logger, client, keys);
        (Identity, _birth) = (identity.Identity, identity.CreateRevision);
    }

    /// <inheritdoc/>
    public StoreIdentity Identity { get; }

    /// <inheritdoc/>
    public StoreLimits Limits => _options.Limits;

    /// <summary>Opens the store under the prefix, or makes one there.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="random">Randomness for the identity of a new store.</param>
    /// <param name="logger">Logger.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message has all their problems.</exception>
    /// <exception cref="StoreUnavailableException">No endpoint answered, or the cluster refuses the user (<see cref="StoreUnavailableException.IsRefused"/>).</exception>
    /// <exception cref="EtcdLayoutException">What is there is not a store, or one of a newer program.</exception>
    public static async ValueTask<EtcdObjectStore> OpenAsync(
        EtcdStoreOptions options, Random random, ILogger<EtcdObjectStore> logger, CancellationToken cancellationToken)
    {
        ThrowIfWrong(options);
        var keys = new EtcdKeys(options.Prefix);
        var client = new EtcdClient(options, logger);
        try
        {
            var identity = await EtcdIdentity.ReadAsync(client, keys, cancellationToken).ConfigureAwait(false)
                ?? await EtcdIdentity.CreateAsync(client, keys, random, cancellationToken).ConfigureAwait(false);
            Log.Opened(logger, options.Prefix, string.Join(", ", options.Endpoints), identity.Identity);
            return new EtcdObjectStore(options, logger, client, keys, identity);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Gives the store under the prefix a new incarnation, after the cluster was restored from a backup: every mirror then syncs again. Controllers
    /// that have it open end.
    /// </summary>
    /// <returns>The identity before and after.</returns>
    /// <exception cref="ArgumentException">As for <see cref="OpenAsync"/>.</exception>
    /// <exception cref="StoreUnavailableException">Nothing was changed.</exception>
    /// <exception cref="CommitOutcomeUnknownException">Run it again.</exception>
    /// <exception cref="EtcdLayoutException">There is no store.</exception>
    public static async ValueTask<(StoreIdentity Before, StoreIdentity After)> RenewAsync(
        EtcdStoreOptions options, Random random, ILogger<EtcdObjectStore> logger, CancellationToken cancellationToken)
    {
        ThrowIfWrong(options);
        using var client = new EtcdClient(options, logger);
        return await EtcdIdentity.RenewAsync(client, new EtcdKeys(options.Prefix), random, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<StoreRevisions> RevisionsAsync(CancellationToken cancellationToken)
    {
        var state = await ReadAsync([], [], cancellationToken).ConfigureAwait(false);
        var oldest = await FindOldestAsync(state.State.Revision, cancellationToken).ConfigureAwait(false);

        // A watch may have shown revisions that no commit made. Where it has shown what etcd does not have, etcd was taken back, and it
        // must be seen.
        var head = Math.Min(state.State.Revision, Math.Max(state.State.Head, Volatile.Read(ref _seen)));
        return new StoreRevisions(oldest, Math.Max(head, oldest));
    }

    /// <inheritdoc/>
    public async ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        var (oldest, head) = await RevisionsAsync(cancellationToken).ConfigureAwait(false);
        if (Math.Min(revision, head) is var at && at <= oldest)
        {
            return;
        }

        try
        {
            await _client.ReadAsync(EtcdMethod.Compact, new CompactionRequest { Revision = at }, cancellationToken).ConfigureAwait(false);
        }
        catch (GrpcException e) when (EtcdErrors.IsCompacted(e))
        {
            // Somebody else has compacted further.
        }
    }

    /// <summary>Closes the store: what goes on, watches too, ends with <see cref="StoreUnavailableException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _closing.CancelAsync().ConfigureAwait(false);
    }

    private static void ThrowIfWrong(EtcdStoreOptions options)
    {
        if (options.Problems().Select(problem => $"{problem.Property}: {problem.Text}").ToList() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }
    }

    /// <summary>Objects, and pairs of other keys, as of one revision that includes every commit acknowledged before the call.</summary>
    private async ValueTask<(EtcdState State, IReadOnlyList<KeyValue> Pairs)> ReadAsync(
        IReadOnlyCollection<ObjectId> ids, IEnumerable<RangeRequest> others, CancellationToken cancellationToken)
    {
        var objects = ids.Select(id => (Id: id, Key: _keys.Of(id))).ToList();
        var ranges = new Queue<RangeRequest>([.. others, .. objects.Select(one => new RangeRequest { Key = one.Key })]);
        EtcdState? state = null;
        var pairs = new List<KeyValue>();
        do
        {
            // The first part is of the newest revision, further ones are of the same.
            var request = new TxnRequest();
            request.Success.Add(Get(new RangeRequest { Key = _keys.Incarnation }));
            request.Success.Add(Get(new RangeRequest { Key = _keys.Head }));
            while (request.Success.Count < EtcdCommit.OperationsMax && ranges.TryDequeue(out var range))
            {
                range.Revision = state?.Revision ?? 0;
                request.Success.Add(Get(range));
            }

            var response = await _client.ReadAsync(EtcdMethod.Txn, request, cancellationToken).ConfigureAwait(false);
            state ??= new EtcdState(response.Header.Revision, PairOf(response, 1)?.ModRevision ?? 0, CheckIdentity(PairOf(response, 0)));
            pairs.AddRange(response.Responses.Skip(2).SelectMany(one => one.ResponseRange.Kvs));
        }
        while (ranges.Count > 0);

        var byKey = pairs.ToDictionary(pair => pair.Key);
        foreach (var (id, key) in objects)
        {
            if (byKey.TryGetValue(key, out var pair))
            {
                state[id] = (pair.ModRevision, ReadOrNull(id, pair));
            }
        }

        return (state, pairs);
    }

    private static RequestOp Get(RangeRequest range) => new() { RequestRange = range };

    private static KeyValue? PairOf(TxnResponse response, int index) => response.Responses[index].ResponseRange.Kvs.FirstOrDefault();

    private static Envelope? ReadOrNull(ObjectId id, KeyValue pair)
    {
        try
        {
            return EtcdCodec.Read(id, pair);
        }
        catch (FormatException)
        {
            return null; // Whoever watches has logged it.
        }
    }

    /// <summary>The mod revision of the incarnation's key, which has to be that of this store.</summary>
    private long CheckIdentity(KeyValue? incarnation) => EtcdIdentity.TryRead(incarnation) == Identity.Incarnation
        ? incarnation!.ModRevision // It was read.
        : throw new StoreReplacedException(Identity, incarnation?.Value.ToStringUtf8());

    /// <summary>
    /// The oldest revision that is kept. etcd does not say it, so it is searched for: once, and again when the last answer is compacted.
    /// </summary>
    private async ValueTask<long> FindOldestAsync(long head, CancellationToken cancellationToken)
    {
        var known = Math.Max(Volatile.Read(ref _oldest), _birth);
        if (!await IsKeptAsync(known, cancellationToken).ConfigureAwait(false))
        {
            var (compacted, kept) = (known, head);
            while (kept - compacted > 1)
            {
                var middle = compacted + ((kept - compacted) / 2);
                if (await IsKeptAsync(middle, cancellationToken).ConfigureAwait(false))
                {
                    kept = middle;
                }
                else
                {
                    compacted = middle;
                }
            }

            known = kept;
            InterlockedMax(ref _oldest, kept);
        }

        return known == _birth ? 0 : known;
    }

    private async ValueTask<bool> IsKeptAsync(long revision, CancellationToken cancellationToken)
    {
        try
        {
            await _client.ReadAsync(
                EtcdMethod.Range,
                new RangeRequest { Key = _keys.Store, Revision = revision, CountOnly = true },
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (GrpcException e) when (EtcdErrors.IsCompacted(e))
        {
            return false;
        }
    }

    private static void InterlockedMax(ref long place, long value)
    {
        for (var now = Volatile.Read(ref place); now < value;)
        {
            now = Interlocked.CompareExchange(ref place, value, now) is var found && found == now ? value : found;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4210, LogLevel.Information, "Opened the store under {Prefix} in etcd at {Endpoints}: {Identity}")]
        public static partial void Opened(ILogger logger, string prefix, string endpoints, StoreIdentity identity);

        [LoggerMessage(4211, LogLevel.Debug, "Moved the head of an idle store from revision {From} to {To}")]
        public static partial void Ticked(ILogger logger, long from, long to);
    }
}
