using Google.Protobuf.WellKnownTypes;
using Notify.Core.Caches;
using Notify.Edge;
using Notify.Hosting;

namespace Notify.Crm;

/// <summary>
/// Takes the objects of a cloudlet one step further and reports what became of them. There is no platform behind it: a step takes no time,
/// and fails only where something that an object refers to is missing. Not thread safe.
/// </summary>
internal sealed class CloudletReports(Mirror mirror, CloudletObjects objects, NodeIdentity identity, TimeProvider time)
{
    private readonly Reports _reports = new(mirror);
    private readonly Lives<AppInstKey, AppInstState> _appInsts = new();
    private readonly Lives<ClusterInstKey, ClusterInstState> _clusterInsts = new();
    private readonly Dictionary<AlertKey, Timestamp> _alertsSince = [];
    private readonly List<Alert> _alerts = [];
    private Timestamp _now = new();
    private bool _hasMore;

    /// <summary>Says that the resource manager is up and does not know its cloudlet yet.</summary>
    public void ReportStarting()
    {
        _reports.Add(CloudletInfoType.Instance, Info(CloudletState.Starting));
        _reports.Publish();
    }

    /// <summary>Takes every object one step further and publishes the result as one epoch. True when there are further steps to take.</summary>
    public bool Step(MirrorSnapshot snapshot)
    {
        (_now, _hasMore) = (Timestamp.FromDateTimeOffset(time.GetUtcNow()), false);
        foreach (var cluster in objects.ClusterInsts(snapshot))
        {
            Report(cluster, snapshot);
        }

        var (ready, failed) = (0u, 0u);
        foreach (var inst in objects.AppInsts(snapshot))
        {
            var state = Report(inst, snapshot);
            ready += state == AppInstState.Ready ? 1u : 0;
            failed += state == AppInstState.Error ? 1u : 0;
        }

        _clusterInsts.EndUnseen();
        _appInsts.EndUnseen();
        ReportCloudlet(snapshot, ready, failed);
        ReportAlerts();
        _reports.Publish();
        return _hasMore;
    }

    private CloudletInfo Info(CloudletState state) => new()
    {
        Key = objects.Key,
        State = state,
        Version = identity.Version,
        StartedAt = Timestamp.FromDateTimeOffset(identity.Started),
    };

    private void ReportCloudlet(MirrorSnapshot snapshot, uint ready, uint failed)
    {
        var cloudlet = objects.Cloudlet(snapshot);
        var info = Info(cloudlet switch
        {
            null => CloudletState.Error,
            { MaintenanceState: not MaintenanceState.Normal } => CloudletState.Maintenance,
            _ => CloudletState.Ready,
        });
        (info.Location, info.AppInstsReady, info.AppInstsFailed) = (cloudlet?.Location, ready, failed);
        if (cloudlet is null)
        {
            info.Errors.Add($"There is no Cloudlet {objects.Key.Organization}/{objects.Key.Name}.");
            Raise("CloudletMissing", "", Severity.Critical, info.Errors[0]);
        }
        else
        {
            ReportPool(cloudlet, snapshot);
        }

        _reports.Add(CloudletInfoType.Instance, info);
    }

    /// <summary>Machines are handed to clusters in key order, so that the same objects always give the same report.</summary>
    private void ReportPool(Cloudlet cloudlet, MirrorSnapshot snapshot)
    {
        if (objects.Pool(cloudlet, snapshot) is not { } pool)
        {
            if (cloudlet.VmPool.Length > 0)
            {
                Raise("VMPoolMissing", $"VMPool:{cloudlet.VmPool}", Severity.Warning, $"There is no VMPool {cloudlet.Key.Organization}/{cloudlet.VmPool}.");
            }

            return;
        }

        var needed = objects.ClusterInsts(snapshot).Sum(cluster => (long)cluster.Nodes + cluster.Masters);
        var info = new VMPoolInfo { Key = pool.Key, CloudletKey = objects.Key };
        for (var i = 0; i < pool.Vms.Count; i++)
        {
            var machine = pool.Vms[i].Clone();
            machine.State = i < needed ? VMState.InUse : VMState.Free;
            info.Vms.Add(machine);
        }

        if (needed > pool.Vms.Count)
        {
            info.Errors.Add($"The clusters need {needed} machines, the pool has {pool.Vms.Count}.");
        }

        _reports.Add(VMPoolInfoType.Instance, info);
    }

    private void Report(ClusterInst cluster, MirrorSnapshot snapshot)
    {
        var problem = cluster.Flavor is { } flavor && !objects.HasFlavor(flavor, snapshot) ? $"There is no Flavor {flavor.Name}." : null;
        var state = _clusterInsts.Visit(cluster.Key) switch
        {
            _ when problem is not null => ClusterInstState.Error,
            ClusterInstState.Creating or ClusterInstState.Ready => ClusterInstState.Ready,
            _ => ClusterInstState.Creating,
        };
        _hasMore |= state == ClusterInstState.Creating;
        var info = new ClusterInstInfo { Key = cluster.Key, State = state, Since = _clusterInsts.Enter(cluster.Key, state, _now) };
        if (problem is not null)
        {
            info.Errors.Add(problem);
            Raise("ClusterInstFailed", $"ClusterInst:{cluster.Key.Organization}/{cluster.Key.Name}", Severity.Warning, problem);
        }

        _reports.Add(ClusterInstInfoType.Instance, info);
    }

    private AppInstState? Report(AppInst inst, MirrorSnapshot snapshot)
    {
        var problem = inst.State == AppInstState.Deleting ? null : ProblemOf(inst, snapshot);
        AppInstState? next = (_appInsts.Visit(inst.Key), inst.State) switch
        {
            (null or AppInstState.Deleting, AppInstState.Deleting) => null,
            (_, AppInstState.Deleting) => AppInstState.Deleting,
            _ when problem is not null => AppInstState.Error,
            (AppInstState.Creating or AppInstState.Ready, _) => AppInstState.Ready,
            _ => AppInstState.Creating,
        };
        if (next is not { } state)
        {
            _appInsts.End(inst.Key);
            return null;
        }

        _hasMore |= state is AppInstState.Creating or AppInstState.Deleting;
        var info = new AppInstInfo
        {
            Key = inst.Key,
            CloudletKey = objects.Key,
            State = state,
            Since = _appInsts.Enter(inst.Key, state, _now),
            Uri = state == AppInstState.Ready ? UriOf(inst) : "",
        };
        if (problem is not null)
        {
            info.Errors.Add(problem);
            Raise("AppInstFailed", $"AppInst:{inst.Key.Organization}/{inst.Key.Name}", Severity.Warning, problem);
        }

        _reports.Add(AppInstInfoType.Instance, info);
        return state;
    }

    private string? ProblemOf(AppInst inst, MirrorSnapshot snapshot)
    {
        if (objects.App(inst.AppKey, snapshot) is not { } app)
        {
            return inst.AppKey is { } key ? $"There is no App {key.Organization}/{key.Name}/{key.Version}." : "The instance names no App.";
        }

        return (inst.Flavor ?? app.DefaultFlavor) is { } flavor && !objects.HasFlavor(flavor, snapshot) ? $"There is no Flavor {flavor.Name}." : null;
    }

    /// <summary>The owner's word for it counts; without one, a name within the cloudlet.</summary>
    private string UriOf(AppInst inst) =>
        inst.Uri.Length > 0 ? inst.Uri : $"{inst.Key.Name}.{inst.Key.Organization}.{objects.Key.Name}.{objects.Key.Organization}.internal".ToLowerInvariant();

    private void Raise(string name, string subject, Severity severity, string summary) => _alerts.Add(new Alert
    {
        Key = new AlertKey { CloudletKey = objects.Key, Name = name, Subject = subject },
        Severity = severity,
        Summary = summary,
    });

    /// <summary>An alert that was raised again keeps its time; one that was not has healed.</summary>
    private void ReportAlerts()
    {
        foreach (var healed in _alertsSince.Keys.Except(_alerts.Select(alert => alert.Key)).ToArray())
        {
            _alertsSince.Remove(healed);
        }

        foreach (var alert in _alerts)
        {
            _alertsSince.TryAdd(alert.Key, _now);
            alert.ActiveSince = _alertsSince[alert.Key];
            _reports.Add(AlertType.Instance, alert);
        }

        _alerts.Clear();
    }
}
