using Notify.Simulation.Network;
using Notify.Simulation.Nodes;
using Notify.Simulation.Plans;

namespace Notify.Simulation;

/// <summary>What the steps of a plan do, and how a world heals.</summary>
internal sealed partial class World
{
    private readonly Dictionary<(string Below, string Above, bool IsDown), long> _blockedUntilMs = [];
    private long _lastParcel;
    private long _newestArrived;

    /// <summary>Nothing arrives in that direction now.</summary>
    public bool IsBlocked(string below, string above, bool isDown)
    {
        var isBlocked = _blockedUntilMs.Count > 0 && _blockedUntilMs.TryGetValue((below, above, isDown), out var until) && NowMs < until;
        if (isBlocked)
        {
            Fire(FaultKind.OneWayPartition);
        }

        return isBlocked;
    }

    public long NextParcel() => ++_lastParcel;

    public void NoteArrival(SimPipe.Parcel parcel)
    {
        if (parcel.Sequence < _newestArrived)
        {
            Fire(FaultKind.SessionReorder);
        }

        _newestArrived = Math.Max(_newestArrived, parcel.Sequence);
    }

    private void Do(Step step)
    {
        if (Trace.KeepsText && step is not Step.Commit)
        {
            Trace.Note(NowMs, $"step {step}");
        }

        switch (step)
        {
            case Step.Commit commit:
                Store.Commit(commit.Changes);
                break;
            case Step.Declare declare:
                Fire(FaultKind.MixedSchemas);
                Store.Declare(declare.Schema);
                break;
            case Step.Compact compact:
                Fire(FaultKind.StoreCompaction);
                Store.Compact(compact.KeepRevisions);
                break;
            case Step.Publish publish when _nodes[publish.Node] is { IsDown: false } node:
                (node.Twin is { IsAlive: true } twin && Faults.TwinsPublish && publish.AtMs % 2 == 0 ? twin : node.Process!).Publish(publish.Changes);
                break;
            case Step.SetInterest interest:
                ChangeInterest(_nodes[interest.Node], interest.Interest);
                break;
            case Step.Crash crash:
                Crash(_nodes[crash.Node], crash);
                break;
            case Step.Goodbye goodbye when _nodes[goodbye.Node] is { IsDown: false, Twin: null } node:
                Fire(FaultKind.Goodbye);
                node.Process!.Leave();
                Schedule(goodbye.DownMs, () => Restart(node));
                break;
            case Step.Drop drop when LinkOf(drop.Node) is { } link:
                Fire(FaultKind.Drop);
                link.Cut();
                break;
            case Step.Partition partition:
                _blockedUntilMs[(partition.Node, partition.Hub, partition.IsDown)] = NowMs + partition.ForMs;
                break;
            case Step.Stall stall when LinkOf(stall.Node) is { } link:
                Fire(FaultKind.StalledReader);
                link.Pipe(stall.IsDown).Stall(stall.ForMs);
                break;
            case Step.BadFrame bad when LinkOf(bad.Node) is { } link:
                link.Damage(bad.IsDown, bad.Damage);
                break;
            default:
                DoToNode(step);
                break;
        }
    }

    private void DoToNode(Step step)
    {
        switch (step)
        {
            case Step.StoreDown down:
                Store.SetDown(down.Node, isDown: true);
                Schedule(down.ForMs, () => Store.SetDown(down.Node, isDown: false));
                break;
            case Step.StoreLag lag:
                Store.SetLag(lag.Node, lag.LagMs);
                Schedule(lag.ForMs, () => Store.SetLag(lag.Node, 0));
                break;
            case Step.ClockJump jump when _nodes[jump.Node] is { IsDown: false } node:
                Fire(FaultKind.ClockJump);
                node.Process!.JumpClock(jump.JumpMs);
                break;
            case Step.Handlers handlers when _nodes[handlers.Node] is { IsDown: false } node:
                node.Process!.SlowHandlers(handlers.SlowMs, handlers.Throw, handlers.ForMs);
                break;
            case Step.Twin twin when _nodes[twin.Node] is { IsDown: false, Twin: null } node:
                Fire(FaultKind.Twin);
                node.StartTwin();
                Schedule(twin.ForMs, () => node.EndTwin(twin.FirstDies));
                break;
            case Step.Drain drain when _nodes[drain.Node] is { IsDown: false, Twin: null } node:
                Fire(FaultKind.HubDrained);
                var process = node.Process!;
                process.Drain(drain.DeadlineMs, () =>
                {
                    process.Leave();
                    Schedule(drain.DownMs, () => Restart(node));
                });
                break;
            case Step.Freeze freeze when _nodes[freeze.Node] is { IsDown: false } node:
                Fire(node.Plan.IsRelay ? FaultKind.RelayFrozen : FaultKind.ControllerFrozen);
                node.Process!.Freeze(freeze.ForMs);
                break;
            case Step.LeaseLost lost when _nodes[lost.Node] is { IsDown: false } node:
                Store.Revoke(node.Process!.Id);
                break;
            case Step.LoseAnswers lose:
                Store.LoseAnswers(lose.Node, lose.Losses);
                break;
            case Step.StoreCrash crash:
                Store.CrashSoon(crash);
                break;
            case Step.DiskFull full:
                Store.FillDisk(full);
                break;
            case Step.DiskFails fails:
                Store.FailDisk(fails);
                break;
            case Step.BackUp:
                Store.BackUp();
                break;
            case Step.Restore restore:
                Store.Restore(restore);
                break;
            default:
                break; // Whom it was for is not there now.
        }
    }

    /// <summary>Every controller crashes.</summary>
    public void CrashHubs(bool losesPower, int downMs)
    {
        foreach (var node in _nodes.Values.Where(node => node.Plan.IsController))
        {
            Crash(node, new Step.Crash((int)NowMs, node.Plan.Name, losesPower, downMs));
        }
    }

    private void ChangeInterest(SimNode node, InterestPlan interest)
    {
        Fire(FaultKind.InterestChange);
        node.Interest = interest;
        if (!node.IsDown)
        {
            node.Process!.SetInterest(interest);
        }

        if (node.Twin is { IsAlive: true } twin)
        {
            twin.SetInterest(interest);
        }
    }

    private void Crash(SimNode node, Step.Crash crash)
    {
        if (node.IsDown)
        {
            return;
        }

        Fire(node.Plan.IsRelay ? FaultKind.RelayCrash : node.Plan.IsHub ? FaultKind.HubCrash : FaultKind.LeafCrash);
        if (crash.LosesPower)
        {
            Fire(FaultKind.PowerLoss);
        }

        node.Crash(crash.LosesPower);
        if (crash.DownMs >= 0)
        {
            Schedule(crash.DownMs, () => Restart(node));
        }
        else
        {
            node.IsRetired = true;
        }
    }

    private void Restart(SimNode node)
    {
        if (node.IsRetired)
        {
            return;
        }

        if (node.IsDown)
        {
            node.Start();
        }
        else
        {
            Schedule(500, () => Restart(node)); // It still says goodbye.
        }
    }

    private SimLink? LinkOf(string node) => _nodes[node] is { IsDown: false, Process.Link: { IsOver: false } link } ? link : null;

    /// <summary>Faults end, and everybody who is not gone for good comes back.</summary>
    private void Heal()
    {
        Trace.Note(NowMs, "the world heals");
        IsHealing = true;
        _blockedUntilMs.Clear();
        Store.Heal();
        foreach (var node in _nodes.Values)
        {
            node.EndTwin(firstDies: Plan.Seed % 2 == 0);
            node.Process?.HealHandlers();
            node.Process?.Freeze(0);
            if (node is { IsDown: true, IsRetired: false })
            {
                node.Start();
            }
        }

        foreach (var link in _links)
        {
            link.Pipe(isDown: true).Resume();
            link.Pipe(isDown: false).Resume();
        }
    }
}
