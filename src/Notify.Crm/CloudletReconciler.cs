using Microsoft.Extensions.Hosting;
using Notify.Core.Caches;

namespace Notify.Crm;

/// <summary>
/// Runs the resource manager: waits until it has what concerns its cloudlet, then keeps the reports in line with the objects. It looks at
/// whole views and never at single events, so nothing that was missed or merged can matter.
/// </summary>
internal sealed class CloudletReconciler(Mirror mirror, CloudletReports reports, ExecCommands commands) : BackgroundService
{
    public override Task StartAsync(CancellationToken cancellationToken)
    {
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
