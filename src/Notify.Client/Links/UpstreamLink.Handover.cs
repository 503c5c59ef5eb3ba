using Notify.Core.Transport;

namespace Notify.Client.Links;

/// <summary>Going elsewhere before leaving an upstream that is about to stop.</summary>
public sealed partial class UpstreamLink
{
    /// <summary>
    /// Waits until a connection has ended, and returns null; or until its upstream drains and another one has welcomed this node, and returns the
    /// connection to that. The one before then stands until it is fenced or says goodbye, by itself.
    /// </summary>
    private async Task<UpstreamConnection?> TryHandOverAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        await Task.WhenAny(connection.Ended, connection.Drained).ConfigureAwait(false);
        if (!connection.Drained.IsCompletedSuccessfully || !_policy.HasOthers || IsStopping)
        {
            return null;
        }

        try
        {
            return await HandOverAsync(connection, await connection.Drained.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _policy.HasLeft();
        }
    }

    private async Task<UpstreamConnection?> HandOverAsync(UpstreamConnection connection, long deadlineMs, CancellationToken cancellationToken)
    {
        var endsAt = LinkPump.NowMs(_time) + deadlineMs;
        var waitMs = _policy.Leave(deadlineMs);
        Log.Draining(_logger, connection.Address, deadlineMs, waitMs);
        while (true)
        {
            await WaitAsync(waitMs, connection.Ended, cancellationToken).ConfigureAwait(false);
            if (connection.Ended.IsCompleted || IsStopping || LinkPump.NowMs(_time) >= endsAt)
            {
                return null; // Cut, or about to be: back to where any session ends.
            }

            await CutRetiredAsync().ConfigureAwait(false);
            var newer = Begin(_policy.Address, connection, cancellationToken);
            await Task.WhenAny(newer.Opened, newer.Ended).ConfigureAwait(false);
            if (newer.Opened.IsCompletedSuccessfully)
            {
                if (IsStopping)
                {
                    newer.TrySayGoodbye(); // The stop came before it was open, and did not reach it.
                }

                return newer;
            }

            var outcome = await newer.Ended.ConfigureAwait(false);
            if (IsStopping)
            {
                return null; // That is why it has ended: it says nothing of the address.
            }

            waitMs = _policy.Ended(outcome.End, outcome.OpenMs, outcome.RetryAfterMs);
            Log.Ended(_logger, newer.Address, outcome.End.Code, outcome.End.Reason, waitMs);
        }
    }

    /// <summary>There are two connections at most: one that still stands from the handover before ends now.</summary>
    private async Task CutRetiredAsync()
    {
        UpstreamConnection[] cut;
        lock (_gate)
        {
            cut = _retired.IsCompleted ? [] : [.. _connections.SkipLast(1)];
        }

        foreach (var connection in cut)
        {
            await connection.CutAsync().ConfigureAwait(false);
        }

        await _retired.ConfigureAwait(false);
    }

    private async Task NoteLeftAsync(UpstreamConnection connection)
    {
        var outcome = await connection.Ended.ConfigureAwait(false);
        Log.Left(_logger, connection.Address, outcome.End.Code, outcome.End.Reason);
    }

    /// <summary>Waits for a time, or until something has ended.</summary>
    private async Task WaitAsync(long waitMs, Task? ended, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(TimeSpan.FromMilliseconds(waitMs), _time, stop.Token);
        try
        {
            await (ended is null ? delay : Task.WhenAny(delay, ended)).ConfigureAwait(false);
            await stop.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The link stops, which whoever waits here looks at next.
        }
    }
}
