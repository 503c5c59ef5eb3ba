using System.Collections.Concurrent;
using System.Collections.Immutable;
using Google.Protobuf;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Core.Types;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Etcd;

public sealed partial class EtcdObjectStore
{
    // etcd's own bytes around a request.
    private const int RequestOverhead = 256;
    private const int TypesPerRevision = 100;

    // Types that are certainly declared; they are never withdrawn.
    private readonly ConcurrentDictionary<string, bool> _declared = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async ValueTask<long> DeclareAsync(ImmutableArray<TypeDeclaration> declarations, CancellationToken cancellationToken)
    {
        while (true)
        {
            var types = new RangeRequest { Key = _keys.Types, RangeEnd = _keys.TypesEnd };
            var (state, pairs) = await ReadAsync([], [types], cancellationToken).ConfigureAwait(false);
            var reader = new EtcdReader(_keys, _logger);
            reader.ReadTypes(pairs);
            var learned = TypeUnion.Learn(declarations, reader.Types);
            if (learned.Count == 0)
            {
                NoteDeclared(declarations);
                return state.Head;
            }

            var versions = pairs.ToDictionary(pair => pair.Key, pair => pair.ModRevision);
            var request = new TxnRequest();
            request.Compare.Add(EtcdCommit.Unchanged(_keys.Incarnation, state.IncarnationModRevision));
            request.Success.Add(EtcdCommit.Put(_keys.Head, ByteString.Empty));
            foreach (var type in learned.Values.Take(TypesPerRevision))
            {
                var key = _keys.OfType(type.Name);
                request.Compare.Add(EtcdCommit.Unchanged(key, versions.GetValueOrDefault(key)));
                request.Success.Add(EtcdCommit.Put(key, EtcdCodec.Write(type)));
            }

            cancellationToken.ThrowIfCancellationRequested();
            var response = await _client.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.Succeeded && learned.Count <= TypesPerRevision)
            {
                NoteDeclared(declarations);
                return response.Header.Revision;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Limits.Check(transaction) is { } rejected)
        {
            return rejected;
        }

        while (true)
        {
            // Each turn that is lost was won by another commit.
            cancellationToken.ThrowIfCancellationRequested();
            if (await TryCommitAsync(transaction, cancellationToken).ConfigureAwait(false) is { } result)
            {
                return result;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IStoreLease> LeaseAsync(Envelope envelope, TimeSpan ttl, CancellationToken cancellationToken)
    {
        if (Limits.Check(new Transaction([StoreChange.Put(envelope)])) is { } rejected)
        {
            throw new ArgumentException(rejected.Message, nameof(envelope));
        }

        if (await ReadAsync(new Transaction([StoreChange.Put(envelope)]), cancellationToken).ConfigureAwait(false) is not { } state)
        {
            throw _client.Unavailable("it was compacted meanwhile.", null);
        }

        if (!_declared.ContainsKey(envelope.Id.Type))
        {
            throw new ArgumentException(CommitResult.Rejected.UndeclaredType(envelope.Id).Message, nameof(envelope));
        }

        // A grant whose answer is lost ends by itself.
        var grant = new LeaseGrantRequest { TTL = (long)Math.Ceiling(ttl.TotalSeconds) };
        var lease = (await _client.ReadAsync(EtcdMethod.LeaseGrant, grant, cancellationToken).ConfigureAwait(false)).ID;
        var request = new TxnRequest();
        request.Compare.Add(EtcdCommit.Unchanged(_keys.Incarnation, state.IncarnationModRevision));
        request.Success.Add(EtcdCommit.Put(_keys.Head, ByteString.Empty));
        var put = EtcdCommit.Put(_keys.Of(envelope.Id), EtcdCodec.Write(envelope));
        put.RequestPut.Lease = lease;
        request.Success.Add(put);
        var response = await _client.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        return response.Succeeded
            ? new EtcdLease(_client, lease, Release(_keys.Of(envelope.Id), lease), ttl, _options.TimeProvider, _logger, _closing.Token)
            : throw _client.Unavailable("it has another incarnation than when it was opened.", null);
    }

    /// <summary>Deletes a key that is still under a lease.</summary>
    private TxnRequest Release(ByteString key, long lease)
    {
        var request = new TxnRequest();
        request.Compare.Add(new Compare { Key = key, Target = Compare.Types.CompareTarget.Lease, Result = Compare.Types.CompareResult.Equal, Lease = lease });
        request.Success.Add(EtcdCommit.Put(_keys.Head, ByteString.Empty));
        request.Success.Add(new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = key } });
        return request;
    }

    /// <summary>Reads what a transaction is about and writes it if nothing of that changed meanwhile; null where something did.</summary>
    private async ValueTask<CommitResult?> TryCommitAsync(Transaction transaction, CancellationToken cancellationToken)
    {
        if (await ReadAsync(transaction, cancellationToken).ConfigureAwait(false) is not { } state)
        {
            return null;
        }

        if (transaction.Changes.FirstOrDefault(change => change.Envelope is not null && !_declared.ContainsKey(change.Id.Type)) is { } undeclared)
        {
            return CommitResult.Rejected.UndeclaredType(undeclared.Id);
        }

        if (EtcdCommit.Refuse(state, transaction) is { } refusal)
        {
            return refusal;
        }

        var commit = EtcdCommit.Prepare(_keys, state, transaction);
        if (commit.Request is not { } request)
        {
            return commit.Result(state.Head);
        }

        if (request.CalculateSize() + RequestOverhead is var bytes && bytes > _options.RequestBytesMax)
        {
            return TooLarge($"The transaction has {bytes} bytes as a request to etcd, the limit is {_options.RequestBytesMax}; split it.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var response = await _client.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            return response.Succeeded ? commit.Result(response.Header.Revision) : null;
        }
        catch (GrpcException e)
        {
            return TooLarge($"etcd refuses the transaction: {e.Status.Detail}. Split it, or raise the limit of the cluster.");
        }
    }

    /// <summary>The objects of a transaction, and their types where they are not known to be declared; null where that has to be done again.</summary>
    private async ValueTask<EtcdState?> ReadAsync(Transaction transaction, CancellationToken cancellationToken)
    {
        var types = transaction.Changes
            .Where(change => change.Envelope is not null && !_declared.ContainsKey(change.Id.Type))
            .Select(change => change.Id.Type)
            .Distinct()
            .Select(type => new RangeRequest { Key = _keys.OfType(type) });
        try
        {
            var (state, pairs) = await ReadAsync([.. EtcdCommit.Reads(transaction)], types, cancellationToken).ConfigureAwait(false);
            var reader = new EtcdReader(_keys, _logger);
            NoteDeclared(reader.ReadTypes(pairs.Where(pair => pair.Key.Span.StartsWith(_keys.Types.Span))));
            return state;
        }
        catch (StoreReplacedException e)
        {
            throw new StoreUnavailableException(e.Message, e);
        }
        catch (GrpcException e) when (EtcdErrors.IsCompacted(e))
        {
            return null; // A compaction between two parts of one read.
        }
        catch (GrpcException e)
        {
            throw _client.Unavailable($"{e.Status.Detail} Change fewer large objects at once.", e);
        }
    }

    private void NoteDeclared(ImmutableArray<TypeDeclaration> types)
    {
        foreach (var type in types)
        {
            _declared[type.Name] = true;
        }
    }

    private static CommitResult.Rejected TooLarge(string message) => new(TransactionFault.CommitTooLarge, null, message);
}
