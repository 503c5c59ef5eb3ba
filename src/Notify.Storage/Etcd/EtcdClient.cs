using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Notify.Client.Transport;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Etcd;

/// <summary>
/// Calls one member of a cluster and, when that fails, the next. Sends the user's token, and gets a new one when it is refused. Answers of
/// another cluster than the first are refused. Thread safe.
/// </summary>
internal sealed partial class EtcdClient : IDisposable
{
    // A line that went silent is given up soon after, and the next call connects anew. etcd tolerates no more than a ping every five seconds.
    private static readonly TimeSpan s_pingInterval = TimeSpan.FromSeconds(6);

    private readonly EtcdStoreOptions _options;
    private readonly ILogger _logger;
    private readonly GrpcChannel[] _channels;
    private int _member;
    private string? _token;
    private ulong _cluster;
    private volatile bool _closed;

    public EtcdClient(EtcdStoreOptions options, ILogger logger)
    {
        (_options, _logger) = (options, logger);
        var channelOptions = new GrpcChannelOptions
        {
            ReceiveBytesMax = options.AnswerBytesMax,
            SendBytesMax = int.MaxValue,
            ConnectTimeout = options.RequestTimeout,
            KeepAliveInterval = s_pingInterval,
            KeepAliveTimeout = TimeSpan.FromSeconds(Math.Max(1, options.RequestTimeout.TotalSeconds)),
            Tls = options.Tls,
            TimeProvider = options.TimeProvider,
        };
        _channels = [.. options.Endpoints.Select(endpoint => new GrpcChannel(endpoint, channelOptions))];
    }

    /// <summary>A call that changes nothing: tried once at each member.</summary>
    /// <exception cref="StoreUnavailableException">No member answered, or the cluster refuses.</exception>
    /// <exception cref="GrpcException">The revision asked for is compacted, or the answer too large.</exception>
    public async Task<TResponse> ReadAsync<TRequest, TResponse>(
        EtcdMethod<TRequest, TResponse> method, TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        var failures = new List<string>();
        while (true)
        {
            var member = Volatile.Read(ref _member);
            try
            {
                return await CallAsync(member, method, request, cancellationToken).ConfigureAwait(false);
            }
            catch (GrpcException) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
            catch (GrpcException e) when (!EtcdErrors.IsCompacted(e) && !EtcdErrors.IsAnswerTooLarge(e))
            {
                failures.Add(Describe(member, e));
                if (_closed || !EtcdErrors.IsOfTheMember(e) || failures.Count == _channels.Length)
                {
                    throw Unavailable(string.Join(" ", failures), e);
                }

                LeaveMember(member);
            }
        }
    }

    /// <summary>A transaction that changes something: tried once, as nobody can tell whether a failed one was done.</summary>
    /// <exception cref="StoreUnavailableException">It was not done.</exception>
    /// <exception cref="CommitOutcomeUnknownException">It was done, or not, or still may be.</exception>
    /// <exception cref="GrpcException">It is too large for the cluster.</exception>
    public async Task<TxnResponse> WriteAsync(TxnRequest request, CancellationToken cancellationToken)
    {
        var member = Volatile.Read(ref _member);
        try
        {
            return await CallAsync(member, EtcdMethod.Txn, request, cancellationToken).ConfigureAwait(false);
        }
        catch (GrpcException e) when (EtcdErrors.WasRefused(e) && !EtcdErrors.IsTooLarge(e))
        {
            if (EtcdErrors.IsOfTheMember(e))
            {
                LeaveMember(member);
            }

            throw Unavailable(Describe(member, e), e);
        }
        catch (GrpcException e) when (!EtcdErrors.WasRefused(e))
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                LeaveMember(member);
            }

            throw new CommitOutcomeUnknownException(Describe(member, e), e);
        }
    }

    /// <summary>Opens a stream of watches. Its failures show when it is used; tell them to <see cref="LeaveMember"/>.</summary>
    public async Task<(DuplexCall<WatchRequest, WatchResponse> Call, int Member)> WatchAsync(CancellationToken cancellationToken)
    {
        var member = Volatile.Read(ref _member);
        try
        {
            var token = await TokenAsync(member, cancellationToken).ConfigureAwait(false);
            return (_channels[member].Duplex(EtcdMethod.Watch, new GrpcCallOptions { Headers = Headers(token) }, CancellationToken.None), member);
        }
        catch (GrpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            LeaveMember(member);
            throw Unavailable(Describe(member, e), e);
        }
    }

    /// <summary>Renews a lease. False where there is no such lease any more.</summary>
    /// <exception cref="StoreUnavailableException">Nobody can tell.</exception>
    public async Task<bool> RenewAsync(long lease, CancellationToken cancellationToken)
    {
        var member = Volatile.Read(ref _member);
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            // etcd has a stream for renewals. One for each is one way less to be cut off without a sign.
            var token = await TokenAsync(member, either.Token).ConfigureAwait(false);
            var call = _channels[member].Duplex(EtcdMethod.LeaseKeepAlive, new GrpcCallOptions { Headers = Headers(token) }, CancellationToken.None);
            await using (call.ConfigureAwait(false))
            {
                await call.WriteAsync(new LeaseKeepAliveRequest { ID = lease }, either.Token).ConfigureAwait(false);
                LeaseKeepAliveResponse? response;
                while (!call.TryRead(out response))
                {
                    if (!await call.WaitToReadAsync(either.Token).ConfigureAwait(false))
                    {
                        throw new GrpcException(GrpcStatusCode.Unavailable, "the renewal was ended.");
                    }
                }

                CheckCluster(member, response.Header);
                return response.TTL > 0;
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            LeaveMember(member);
            throw Unavailable($"{_channels[member].Address.Authority}: no answer within {_options.RequestTimeout.TotalSeconds} s.", e);
        }
        catch (GrpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (EtcdErrors.IsTokenRejected(e))
            {
                ForgetToken();
            }

            LeaveMember(member);
            throw Unavailable(Describe(member, e), e);
        }
    }

    /// <summary>The next call goes to the next member.</summary>
    public void LeaveMember(int member) => Interlocked.CompareExchange(ref _member, (member + 1) % _channels.Length, member);

    /// <summary>The next call gets a new token.</summary>
    public void ForgetToken() => Volatile.Write(ref _token, null);

    /// <summary>A failure with the address of the member that failed.</summary>
    public string Describe(int member, GrpcException e) => $"{_channels[member].Address.Authority}: {e.Status.Detail}";

    /// <summary>A failure for the store's users.</summary>
    public StoreUnavailableException Unavailable(string reason, Exception? cause) => _closed
        ? Closed()
        : new(reason, cause) { IsRefused = cause is GrpcException e && EtcdErrors.IsRefusal(e) };

    public static StoreUnavailableException Closed() => new("it was closed.");

    /// <summary>Ends all calls.</summary>
    public void Dispose()
    {
        _closed = true;
        Array.ForEach(_channels, channel => channel.Dispose());
    }

    /// <summary>Refuses answers of another cluster: its revisions say nothing, even where the store in it is a copy of this one.</summary>
    /// <exception cref="GrpcException">It is another one.</exception>
    public void CheckCluster(int member, ResponseHeader header)
    {
        var first = Interlocked.CompareExchange(ref _cluster, header.ClusterId, 0);
        if (first != 0 && first != header.ClusterId)
        {
            Log.OtherCluster(_logger, _channels[member].Address, header.ClusterId, first);
            throw new GrpcException(GrpcStatusCode.Unavailable, $"it answers as cluster {header.ClusterId:x}, the store is in {first:x}.");
        }
    }

    /// <exception cref="GrpcException">As it came.</exception>
    private async Task<TResponse> CallAsync<TRequest, TResponse>(
        int member, EtcdMethod<TRequest, TResponse> method, TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        for (var attempt = 1; ; attempt++)
        {
            var token = await TokenAsync(member, cancellationToken).ConfigureAwait(false);
            var call = new GrpcCallOptions { Headers = Headers(token), Timeout = _options.RequestTimeout };
            try
            {
                var response = await _channels[member].UnaryAsync(method.Grpc, request, call, cancellationToken).ConfigureAwait(false);
                CheckCluster(member, method.HeaderOf(response));
                return response;
            }
            catch (GrpcException e) when (attempt == 1 && token is not null && EtcdErrors.IsTokenRejected(e))
            {
                Interlocked.CompareExchange(ref _token, null, token);
            }
        }
    }

    /// <summary>The user's token; null where there is no user.</summary>
    private async Task<string?> TokenAsync(int member, CancellationToken cancellationToken)
    {
        if (_options.User is not { } user)
        {
            return null;
        }

        if (Volatile.Read(ref _token) is { } known)
        {
            return known;
        }

        try
        {
            var response = await _channels[member].UnaryAsync(
                EtcdMethod.Authenticate,
                new AuthenticateRequest { Name = user, Password = _options.Password },
                new GrpcCallOptions { Timeout = _options.RequestTimeout },
                cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _token, response.Token);
            return response.Token;
        }
        catch (GrpcException e) when (EtcdErrors.IsAuthOff(e))
        {
            return null;
        }
    }

    private static GrpcMetadata Headers(string? token)
    {
        // A member that is cut off from the others refuses at once, and ends its watches, instead of answering from what it has.
        var headers = new GrpcMetadata { { "hasleader", "true" } };
        if (token is not null)
        {
            headers.Add("token", token);
        }

        return headers;
    }

    private static partial class Log
    {
        [LoggerMessage(4201, LogLevel.Critical, "{Address} answers as cluster {Cluster:x}, and the store was opened in {First:x}: nothing is read from it. If the cluster was restored from a backup, run notifyctl store new-incarnation and start the controllers again; if not, correct the endpoints")]
        public static partial void OtherCluster(ILogger logger, Uri address, ulong cluster, ulong first);
    }
}
