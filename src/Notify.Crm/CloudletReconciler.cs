using Microsoft.Extensions.Hosting;
using Notify.Core.Caches;
using Notify.Core.Sync;
using Notify.Edge;

namespace Notify.Crm;

/// <summary>
/// Runs the resource manager: says what it is interested in, waits until it has that, then keeps the reports in line with the objects. It
/// looks at whole views and never at single events, so nothing that was missed or merged can matter.
/// </summary>
internal sealed class CloudletReconciler(Mirror mirror, CloudletKey cloudlet, CloudletReports reports, ExecCommands commands) : BackgroundService
{
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        mirror.SetInterest(Interest.None.WithScope(cloudlet, CrmProgram.Wants));
        commands.Register();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        reports.ReportStarting();

        // In a mirror that is still being filled everything would seem to miss something.
        await mirror.WaitForSyncAsync(stoppingToken);
        var seen = mirror.Snapshot();
        Reconcile(seen);
        await foreach (var change in new MirrorWatch(mirror, seen).ReadAllAsync(stoppingToken))
        {
            Reconcile(change.After);
        }
    }

    private void Reconcile(MirrorSnapshot snapshot)
    {
        while (reports.Step(snapshot))
        {
            // Each state shows before the next one follows.
        }
    }
}
