using Notify.Core.Storage;
using Notify.Core.Storage.Sharing;

namespace Notify.Simulation.Nodes;

/// <summary>Publishes a controller's shared objects as production does, step by step in the world's thread.</summary>
internal sealed class SimPublisher
{
    public const int RetryMs = 300;

    private readonly World _world;
    private readonly SimProcess _process;
    private readonly IObjectStore _store;
    private readonly CancellationToken _stop;
    private readonly Publishing _publishing;
    private IStoreLease? _lease;
    private bool _hadLease;
    private bool _isDue;
    private bool _isBusy;
    private long _dueAtMs = long.MaxValue;

    public SimPublisher(World world, SimProcess process, IObjectStore store, CancellationToken stop)
    {
        (_world, _process, _store, _stop) = (world, process, store, stop);
        var publications = new Publications(process.Mirror, process.Hub!, store.Limits, process.Id, world.Faults.TakeoverMs, process.NowMs, Wake);
        _publishing = new Publishing(process.Mirror, publications, process.Id, RetryMs, Wake)
        {
            Refused = (id, reason) => world.Fail("publishing", $"The store refuses {SimTypes.Name(id)} of {process.Id}: {reason}"),
        };
        Wake();
    }

    /// <summary>It had a record, which is gone.</summary>
    public bool LacksLease => _lease is null ? _hadLease : ((SimLease)_lease).IsGone;

    /// <summary>Time has passed.</summary>
    public void Tick()
    {
        if (_dueAtMs <= _process.NowMs && !_world.TimersAreHeld)
        {
            Wake();
        }
    }

    /// <summary>The process stops: its record goes at once.</summary>
    public void Stop() => (_lease as SimLease)?.Release();

    private void Wake()
    {
        if (!_isDue)
        {
            _isDue = true;
            _world.Schedule(0, Turn);
        }
    }

    private void Turn()
    {
        _isDue = false;
        if (_process.IsFrozen)
        {
            _isDue = true;
            _world.Schedule(_process.ThawsInMs, Turn);
        }
        else if (!_isBusy && _process.IsAlive)
        {
            RunAsync();
        }
    }

    /// <summary>Does what there is to do, until that is to wait.</summary>
    private async void RunAsync()
    {
        _isBusy = true;
        try
        {
            while (_process is { IsAlive: true, IsFrozen: false })
            {
                if (_lease is { Lost.IsCompleted: true })
                {
                    _lease = null;
                    _publishing.LeaseLost();
                }

                if (!await StepAsync().ConfigureAwait(false))
                {
                    _isBusy = false;
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // It has died.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _world.Fail("exception", e.ToString());
        }

        _isBusy = false;
        Wake();
    }

    /// <summary>False when it is to wait.</summary>
    private async ValueTask<bool> StepAsync()
    {
        try
        {
            switch (_publishing.Next(_process.NowMs))
            {
                case PublishingStep.Announce:
                    var older = _lease as SimLease;
                    await _store.DeclareAsync([Records.Controllers, Records.Attachments], _stop).ConfigureAwait(false);
                    _lease = await _store
                        .LeaseAsync(Records.Controller(_process.Id, _process.Node.Plan.Name), TimeSpan.FromMilliseconds(_world.Faults.LeaseTtlMs), _stop)
                        .ConfigureAwait(false);
                    _hadLease = true;
                    _process.NoteDisturbed();
                    WakeWhenLost(_lease);
                    _publishing.Announced();
                    older?.Release();
                    break;
                case PublishingStep.Declare { Type: var type }:
                    await _store.DeclareAsync([type], _stop).ConfigureAwait(false);
                    _publishing.Declared(problem: null);
                    break;
                case PublishingStep.Commit { Transaction: var transaction }:
                    _publishing.Answered(await _store.CommitAsync(transaction, _stop).ConfigureAwait(false));
                    break;
                case PublishingStep.Wait { UntilMs: var untilMs }:
                    _dueAtMs = untilMs;
                    return false;
            }
        }
        catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException)
        {
            _publishing.Failed(_process.NowMs);
        }

        return true;
    }

    private async void WakeWhenLost(IStoreLease lease)
    {
        await lease.Lost.ConfigureAwait(false);
        Wake();
    }
}
