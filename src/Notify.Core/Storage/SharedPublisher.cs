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
        var publishing = CreatePublishing();
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
                    publishing.LeaseLost();
                }

                try
                {
                    switch (publishing.Next(LinkPump.NowMs(timeProvider)))
                    {
                        case PublishingStep.Announce:
                            var older = lease;
                            lease = await AnnounceAsync(cancellationToken).ConfigureAwait(false);
                            publishing.Announced();
                            await ReleaseAsync(older).ConfigureAwait(false); // Afterwards, so that the record does not go in between.
                            break;
                        case PublishingStep.Declare { Type: var type }:
                            publishing.Declared(await DeclareAsync(type, cancellationToken).ConfigureAwait(false));
                            break;
                        case PublishingStep.Commit { Transaction: var transaction }:
                            publishing.Answered(await store.CommitAsync(transaction, cancellationToken).ConfigureAwait(false));
                            break;
                        case PublishingStep.Wait { UntilMs: var dueAt }:
                            await WaitAsync(dueAt, lease, cancellationToken).ConfigureAwait(false);
                            break;
                    }
                }
                catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException)
                {
                    publishing.Failed(LinkPump.NowMs(timeProvider));
                    Log.Unavailable(logger, options.RetryDelay, e);
                }
                catch (Exception e) when (e is NotifyException or ArgumentException)
                {
                    // What others have put into the store may be mended there: the other nodes of this hub must not go down with it.
                    publishing.Failed(LinkPump.NowMs(timeProvider));
                    Log.Failed(logger, options.RetryDelay, e);
                }
            }
        }
        finally
        {
            await ReleaseAsync(lease).ConfigureAwait(false);
        }
    }

    private static ValueTask ReleaseAsync(IStoreLease? lease) => lease?.DisposeAsync() ?? ValueTask.CompletedTask;

    private Publishing CreatePublishing()
    {
        void Wake() => _signal.Writer.TryWrite(true);
        var publications = new Publications(
            mirror, hub, store.Limits, process, (long)options.TakeoverTime.TotalMilliseconds, LinkPump.NowMs(timeProvider), Wake);
        return new Publishing(mirror, publications, process, (long)options.RetryDelay.TotalMilliseconds, Wake)
        {
            Refused = (id, reason) => Log.Refused(logger, id.Type, Convert.ToHexString(id.Key.Span), reason),
        };
    }

    /// <summary>Why the store will never take a type, or null.</summary>
    private async ValueTask<string?> DeclareAsync(Types.TypeDeclaration type, CancellationToken cancellationToken)
    {
        try
        {
            await store.DeclareAsync([type], cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is Types.TypeConflictException or ArgumentException)
        {
            return e.Message;
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

        [LoggerMessage(4013, LogLevel.Error, "Shared objects cannot be published, and trying again in {Delay} may not help")]
        public static partial void Failed(ILogger logger, TimeSpan delay, Exception exception);

        [LoggerMessage(4012, LogLevel.Error, "The store refuses the shared object {Type} {Key}; it is tried again when its owner changes it: {Reason}")]
        public static partial void Refused(ILogger logger, string type, string key, string reason);
    }
}
