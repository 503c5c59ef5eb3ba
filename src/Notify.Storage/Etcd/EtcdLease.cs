using Microsoft.Extensions.Logging;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Storage.Etcd.Api;

namespace Notify.Storage.Etcd;

/// <summary>Renews a lease of etcd three times within its time to live, and more often while that fails, until it is lost or disposed of.</summary>
internal sealed partial class EtcdLease : IStoreLease
{
    private readonly EtcdClient _client;
    private readonly long _id;
    private readonly TxnRequest _release;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop;
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _renewing;
    private bool _isOver;

    /// <summary>Begins to renew.</summary>
    /// <param name="client">Where.</param>
    /// <param name="id">The lease.</param>
    /// <param name="release">Deletes the object if it is still under this lease.</param>
    /// <param name="ttl">Its time to live.</param>
    /// <param name="timeProvider">The clock of the renewals.</param>
    /// <param name="logger">Logger.</param>
    /// <param name="closing">The store is closed.</param>
    public EtcdLease(
        EtcdClient client, long id, TxnRequest release, TimeSpan ttl, TimeProvider timeProvider, ILogger logger, CancellationToken closing)
    {
        (_client, _id, _release, _timeProvider, _logger) = (client, id, release, timeProvider, logger);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(closing);
        _renewing = RenewAsync(ttl, _stop.Token);
    }

    /// <inheritdoc/>
    public Task Lost => _lost.Task;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isOver, true))
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _stop.Dispose();
        try
        {
            // Revoking alone would move no head.
            await _client.WriteAsync(_release, CancellationToken.None).ConfigureAwait(false);
            await _client.ReadAsync(EtcdMethod.LeaseRevoke, new LeaseRevokeRequest { ID = _id }, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException or GrpcException)
        {
            // It ends by itself, as nobody renews it any more.
        }
    }

    private async Task RenewAsync(TimeSpan ttl, CancellationToken stop)
    {
        var (isThere, pause) = (true, ttl / 3);
        while (isThere)
        {
            try
            {
                await Task.Delay(pause, _timeProvider, stop).ConfigureAwait(false);
                pause = ttl / 10;
                isThere = await _client.RenewAsync(_id, stop).ConfigureAwait(false);
                pause = ttl / 3;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return; // It is given back or the store closed: nobody has taken it.
            }
            catch (StoreUnavailableException e)
            {
                // Whether it is lost is for etcd to say, which has its own clock.
                Log.NotRenewed(_logger, ttl, pause, e);
            }
        }

        _lost.TrySetResult();
    }

    private static partial class Log
    {
        [LoggerMessage(4220, LogLevel.Warning, "The lease of {Ttl} was not renewed; trying again in {Pause}")]
        public static partial void NotRenewed(ILogger logger, TimeSpan ttl, TimeSpan pause, Exception exception);
    }
}
