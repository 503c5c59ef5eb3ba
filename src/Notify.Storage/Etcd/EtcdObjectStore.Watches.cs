using System.Runtime.CompilerServices;
using Google.Protobuf;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Core.Types;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Etcd;

public sealed partial class EtcdObjectStore
{
    private const int PageObjectsFirst = 64;
    private const int PageObjectsMax = 10_000;
    private const int PageBytes = 4 << 20;

    /// <inheritdoc/>
    public async ValueTask<StoreSnapshot> SnapshotAsync(long horizon, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(horizon);
        var revision = 0L;
        while (true)
        {
            var (state, _) = await ReadAsync([], [], cancellationToken).ConfigureAwait(false);
            revision = Math.Max(revision, Math.Max(state.Head - horizon, _birth));
            try
            {
                var reader = await ReadTypesAsync(revision, cancellationToken).ConfigureAwait(false);
                return new StoreSnapshot(revision, [.. reader.Types.Values], ReadObjectsAsync(revision, reader, CancellationToken.None));
            }
            catch (GrpcException e) when (EtcdErrors.IsCompacted(e))
            {
                revision = await FindOldestAsync(state.Revision, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreEpoch> WatchAsync(
        long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        var (watch, position, reader) = await UntilClosedAsync(StartAsync(afterRevision, stop.Token), cancellationToken).ConfigureAwait(false);
        await using (watch.ConfigureAwait(false))
        {
            while (true)
            {
                var response = await UntilClosedAsync(NextAsync(watch, position, stop.Token), cancellationToken).ConfigureAwait(false);

                // etcd answers whole revisions, in order. The first one is where the watch stands: asked for so that its compaction shows.
                foreach (var events in response.Events.GroupBy(one => one.Kv.ModRevision).Where(group => group.Key > position))
                {
                    CheckIdentity(events);
                    var epoch = reader.ReadEpoch(events.Key, [.. events]);
                    position = events.Key;
                    InterlockedMax(ref _seen, position);
                    if (position > afterRevision)
                    {
                        yield return epoch;
                    }
                }

                if (response.Events.Count == 0 && response.Header.Revision - position >= _options.TickRevisions)
                {
                    await UntilClosedAsync(TickAsync(position, stop.Token), cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>A watch after a revision, where it stands, and the types as they were there.</summary>
    private async Task<(EtcdWatch Watch, long Position, EtcdReader Reader)> StartAsync(long afterRevision, CancellationToken cancellationToken)
    {
        var (state, _) = await ReadAsync([], [], cancellationToken).ConfigureAwait(false);
        var position = Math.Min(Math.Max(afterRevision, _birth), state.Revision);
        try
        {
            var reader = await ReadTypesAsync(position, cancellationToken).ConfigureAwait(false);
            return (await EtcdWatch.StartAsync(_client, _options, _keys, position, cancellationToken).ConfigureAwait(false), position, reader);
        }
        catch (GrpcException e) when (EtcdErrors.IsCompacted(e))
        {
            throw new CompactedException(afterRevision, await FindOldestAsync(state.Revision, cancellationToken).ConfigureAwait(false));
        }
    }

    private static async Task<WatchResponse> NextAsync(EtcdWatch watch, long position, CancellationToken cancellationToken)
    {
        try
        {
            return await watch.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (EtcdCompactedException e)
        {
            throw new CompactedException(position, e.Revision);
        }
    }

    /// <summary>Awaits what ends when the caller cancels or the store is closed, and tells the two apart.</summary>
    private static async Task<T> UntilClosedAsync<T>(Task<T> task, CancellationToken callerToken)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!callerToken.IsCancellationRequested)
        {
            throw EtcdClient.Closed();
        }
    }

    /// <summary>The incarnation may change while the store is open; then nothing of that revision is shown.</summary>
    private void CheckIdentity(IEnumerable<Event> events)
    {
        foreach (var one in events.Where(one => one.Kv.Key == _keys.Incarnation))
        {
            CheckIdentity(one.Type == Event.Types.EventType.Put ? one.Kv : null);
        }
    }

    /// <summary>
    /// Makes a revision where only others made any: the watch would fall behind compactions without having missed anything. Where several
    /// controllers try, one of them does.
    /// </summary>
    private async Task<bool> TickAsync(long position, CancellationToken cancellationToken)
    {
        var request = new TxnRequest();
        request.Compare.Add(new Compare
        {
            Key = _keys.Head,
            Target = Compare.Types.CompareTarget.Mod,
            Result = Compare.Types.CompareResult.Less,
            ModRevision = position + 1,
        });
        request.Success.Add(EtcdCommit.Put(_keys.Head, ByteString.Empty));
        try
        {
            var response = await _client.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            Log.Ticked(_logger, position, response.Header.Revision);
            return response.Succeeded;
        }
        catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException)
        {
            return false; // The watch notices by itself, and the next answer to a progress request comes here again.
        }
    }

    /// <summary>The types at a revision.</summary>
    /// <exception cref="GrpcException">It is compacted.</exception>
    private async Task<EtcdReader> ReadTypesAsync(long revision, CancellationToken cancellationToken)
    {
        var range = new RangeRequest { Key = _keys.Types, RangeEnd = _keys.TypesEnd, Revision = revision };
        var response = await _client.ReadAsync(EtcdMethod.Range, range, cancellationToken).ConfigureAwait(false);
        var reader = new EtcdReader(_keys, _logger);
        reader.ReadTypes(response.Kvs);
        return reader;
    }

    private async IAsyncEnumerable<Envelope> ReadObjectsAsync(
        long revision, EtcdReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var range = new RangeRequest { Key = _keys.Objects, RangeEnd = _keys.ObjectsEnd, Revision = revision, Limit = PageObjectsFirst };
        while (true)
        {
            if (await ReadPageAsync(range, cancellationToken).ConfigureAwait(false) is not { } page)
            {
                range.Limit = Math.Max(1, range.Limit / 16);
                continue;
            }

            foreach (var pair in page.Kvs)
            {
                if (reader.ReadObject(pair) is { } envelope)
                {
                    yield return envelope;
                }
            }

            if (!page.More)
            {
                yield break;
            }

            // The next key in order is the last one with a zero byte behind it. Objects are mostly as large as those before them; where a type of
            // large ones follows, the page is too large, and asked for again in parts.
            range.Key = ByteString.CopyFrom([.. page.Kvs[^1].Key.Span, 0]);
            range.Limit = Math.Clamp(PageBytes / Math.Max(1, page.CalculateSize() / page.Kvs.Count), PageObjectsFirst, PageObjectsMax);
        }
    }

    /// <summary>Null where the page is too large.</summary>
    private async Task<RangeResponse?> ReadPageAsync(RangeRequest range, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.ReadAsync(EtcdMethod.Range, range, cancellationToken).ConfigureAwait(false);
        }
        catch (GrpcException e) when (EtcdErrors.IsCompacted(e))
        {
            var (state, _) = await ReadAsync([], [], cancellationToken).ConfigureAwait(false);
            throw new CompactedException(range.Revision, await FindOldestAsync(state.Revision, cancellationToken).ConfigureAwait(false));
        }
        catch (GrpcException e) when (EtcdErrors.IsAnswerTooLarge(e) && range.Limit > 1)
        {
            return null;
        }
        catch (GrpcException e)
        {
            throw _client.Unavailable(e.Status.Detail, e);
        }
    }
}
