using Microsoft.Extensions.Hosting;
using Notify.Core.Caches;

namespace Notify.Crm;

/// <summary>
/// Runs the resource manager: keeps the reports in line with the objects of its cloudlet. It looks at whole views of a synced mirror and never at single
/// events, so nothing that was missed, merged or is yet to come can matter.
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

        await foreach (var view in new MirrorWatch(mirror).ReadSyncedAsync(stoppingToken))
        {
            Reconcile(view);
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
