using Notify.Client.Transport;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Etcd;

/// <summary>One watch over all keys of a store. One reader at a time.</summary>
internal sealed class EtcdWatch : IAsyncDisposable
{
    private readonly EtcdClient _client;
    private readonly EtcdStoreOptions _options;
    private readonly DuplexCall<WatchRequest, WatchResponse> _call;
    private readonly int _member;
    private readonly List<Event> _begun = [];

    private EtcdWatch(EtcdClient client, EtcdStoreOptions options, DuplexCall<WatchRequest, WatchResponse> call, int member) =>
        (_client, _options, _call, _member) = (client, options, call, member);

    /// <summary>Begins a watch.</summary>
    /// <param name="client">Where.</param>
    /// <param name="options">Patience.</param>
    /// <param name="keys">What.</param>
    /// <param name="revision">
    /// The first revision whose events come. A compaction beyond it ends the watch: then events are missing, if only deletes of the
    /// revision that was compacted.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<EtcdWatch> StartAsync(
        EtcdClient client, EtcdStoreOptions options, EtcdKeys keys, long revision, CancellationToken cancellationToken)
    {
        var (call, member) = await client.WatchAsync(cancellationToken).ConfigureAwait(false);
        var watch = new EtcdWatch(client, options, call, member);
        try
        {
            await watch.SendAsync(
                new WatchRequest
                {
                    CreateRequest = new WatchCreateRequest { Key = keys.Prefix, RangeEnd = keys.PrefixEnd, StartRevision = revision, Fragment = true },
                },
                cancellationToken).ConfigureAwait(false);
            return watch;
        }
        catch
        {
            await watch.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// The next response: whole revisions, or no events where etcd only says that it is there. The revision in its header is no progress: such an
    /// answer may overtake events.
    /// </summary>
    /// <exception cref="StoreUnavailableException">etcd ended the watch, or is silent.</exception>
    /// <exception cref="EtcdCompactedException">The events asked for are compacted.</exception>
    public async ValueTask<WatchResponse> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var response = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            if (response.Events.Count == 0)
            {
                if (_begun.Count == 0)
                {
                    return response;
                }

                continue; // A sign of life between two parts.
            }

            // A part ends anywhere, and the next goes on there: its last revision waits for the rest. Only that one, as a response to a watch that
            // is far behind has a thousand revisions.
            _begun.AddRange(response.Events);
            var whole = response.Fragment ? _begun.FindIndex(one => one.Kv.ModRevision == _begun[^1].Kv.ModRevision) : _begun.Count;
            if (whole > 0)
            {
                response.Events.Clear();
                response.Events.Add(_begun.Take(whole));
                _begun.RemoveRange(0, whole);
                return response;
            }
        }
    }

    public ValueTask DisposeAsync() => _call.DisposeAsync();

    private async ValueTask<WatchResponse> ReceiveAsync(CancellationToken cancellationToken)
    {
        WatchResponse? response;
        for (var asked = false; !_call.TryRead(out response);)
        {
            if (await WaitAsync(asked ? _options.ProgressTimeout : _options.ProgressInterval, cancellationToken).ConfigureAwait(false))
            {
                continue;
            }

            if (asked)
            {
                _client.LeaveMember(_member);
                var silence = _options.ProgressInterval + _options.ProgressTimeout;
                throw _client.Unavailable($"the watch was silent for {silence.TotalSeconds} s.", null);
            }

            asked = true;
            await SendAsync(new WatchRequest { ProgressRequest = new WatchProgressRequest() }, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            _client.CheckCluster(_member, response.Header);
        }
        catch (GrpcException e)
        {
            throw Failed(e);
        }

        if (!response.Canceled)
        {
            return response;
        }

        if (response.CompactRevision > 0)
        {
            throw new EtcdCompactedException(response.CompactRevision);
        }

        // The commonest cause: the token was good when the stream was opened.
        _client.ForgetToken();
        throw _client.Unavailable($"etcd cancelled the watch: {response.CancelReason}.", null);
    }

    /// <summary>False where nothing came in time.</summary>
    private async ValueTask<bool> WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(patience, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await _call.WaitToReadAsync(either.Token).ConfigureAwait(false)
                ? true
                : throw new GrpcException(GrpcStatusCode.Unavailable, "the watch was ended.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (GrpcException e)
        {
            throw Failed(e);
        }
    }

    private async ValueTask SendAsync(WatchRequest request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await _call.WriteAsync(request, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(new GrpcException(GrpcStatusCode.DeadlineExceeded, "it takes nothing.", innerException: e));
        }
        catch (GrpcException e)
        {
            throw Failed(e);
        }
    }

    private StoreUnavailableException Failed(GrpcException e)
    {
        _client.LeaveMember(_member);
        return _client.Unavailable(_client.Describe(_member, e), e);
    }
}
