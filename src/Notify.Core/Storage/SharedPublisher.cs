using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Notify.Core.Caches;
using Notify.Core.Sessions;
using Notify.Core.Storage.Sharing;
using Notify.Core.Transport;

namespace Notify.Core.Storage;

/// <summary>
/// Publishes the shared objects of the nodes below a controller through its store, and flushes those of nodes that no controller speaks for any more.
/// Several controllers may do so over one store. Start it once, beside a <see cref="StoreFeed"/> of the same mirror.
/// </summary>
public sealed partial class SharedPublisher(
    IObjectStore store, Mirror mirror, Hub hub, string process, SharedPublisherOptions options, TimeProvider timeProvider, ILogger<SharedPublisher> logger)
{
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>
    /// Publishes until cancelled, then lets go of the nodes and throws <see cref="OperationCanceledException"/>. A store that is not available is tried
    /// again and again.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var publications = new Publications(
            mirror, hub, store.Limits, process, (long)options.TakeoverTime.TotalMilliseconds, LinkPump.NowMs(timeProvider), () => _signal.Writer.TryWrite(true));
        IStoreLease? lease = null;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (lease is { Lost.IsCompleted: true })
                {
                    Log.LeaseLost(logger, options.LeaseTtl);
                    lease = null;
                }

                var transaction = publications.Next(LinkPump.NowMs(timeProvider));
                if (transaction is null && (lease is not null || !publications.SpeaksForNodes))
                {
                    await WaitAsync(publications.NextDueAt, lease, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                try
                {
                    // Before the first record of a node: others take a node whose controller has no record for one that nobody speaks for.
                    lease ??= await AnnounceAsync(cancellationToken).ConfigureAwait(false);
                    if (transaction is not null)
                    {
                        await CommitAsync(publications, transaction, cancellationToken).ConfigureAwait(false);
                    }
                }
                catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException)
                {
                    publications.Failed();
                    Log.Unavailable(logger, options.RetryDelay, e);
                    await Task.Delay(options.RetryDelay, timeProvider, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            if (lease is not null)
            {
                await lease.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task CommitAsync(Publications publications, Transaction transaction, CancellationToken cancellationToken)
    {
        var result = await store.CommitAsync(transaction, cancellationToken).ConfigureAwait(false);
        if (result is CommitResult.Rejected { Fault: TransactionFault.UndeclaredType })
        {
            await store.DeclareAsync([.. mirror.Types.All.Where(type => type.IsShared).Select(type => type.Declaration)], cancellationToken).ConfigureAwait(false);
        }

        var revision = result switch
        {
            CommitResult.Committed committed => committed.Revision,
            CommitResult.ConditionFailed failed => failed.Revision,
            _ => 0,
        };
        await mirror.WaitForStoredRevisionAsync(revision, cancellationToken).ConfigureAwait(false);
        if (publications.Done(result) is (var id, var reason))
        {
            Log.Refused(logger, id.Type, Convert.ToHexString(id.Key.Span), reason);
        }
    }

    private async ValueTask<IStoreLease> AnnounceAsync(CancellationToken cancellationToken)
    {
        await store.DeclareAsync([Records.Controllers, Records.Attachments], cancellationToken).ConfigureAwait(false);
        return await store.LeaseAsync(Records.Controller(process, mirror.Node), options.LeaseTtl, cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitAsync(long dueAt, IStoreLease? lease, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var signal = _signal.Reader.WaitToReadAsync(timeout.Token).AsTask();
        var delay = dueAt == long.MaxValue
            ? Task.Delay(Timeout.InfiniteTimeSpan, timeProvider, timeout.Token)
            : Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, dueAt - LinkPump.NowMs(timeProvider))), timeProvider, timeout.Token);
        await Task.WhenAny(signal, delay, lease?.Lost ?? delay).ConfigureAwait(false);
        await timeout.CancelAsync().ConfigureAwait(false);
        _signal.Reader.TryRead(out _);
    }

    private static partial class Log
    {
        [LoggerMessage(4010, LogLevel.Warning, "The store let go of this controller's record, which was not renewed for {Ttl}; nodes are taken back under a new one")]
        public static partial void LeaseLost(ILogger logger, TimeSpan ttl);

        [LoggerMessage(4011, LogLevel.Warning, "Shared objects cannot be published; trying again in {Delay}")]
        public static partial void Unavailable(ILogger logger, TimeSpan delay, Exception exception);

        [LoggerMessage(4012, LogLevel.Error, "The store refuses the shared object {Type} {Key}; it is tried again when its owner changes it: {Reason}")]
        public static partial void Refused(ILogger logger, string type, string key, string reason);
    }
}
