using Notify.Core.Caches;
using Notify.Edge;

namespace Notify.Dme;

/// <summary>Finds the nearest healthy instance in one snapshot of the mirror; dme.proto says what healthy means. Thread safe.</summary>
internal sealed class Matcher(Mirror mirror, AppInstIndex index)
{
    private readonly AppInstCache _appInsts = new(mirror);
    private readonly AppInstInfoCache _appInstInfos = new(mirror);
    private readonly CloudletInfoCache _cloudletInfos = new(mirror);
    private readonly SettingsCache _settings = new(mirror);
    private readonly AppCache _apps = new(mirror);

    /// <summary>The match, or null and why there is none.</summary>
    public (FindCloudletResponse? Match, string WhyNot) Find(AppKey app, Location location)
    {
        var snapshot = mirror.Snapshot();
        var isBehind = index.IsBehind(snapshot);
        var found = Find(app, location, index.Of(app), snapshot);

        // There is none only where the mirror has none.
        return found.Match is null && isBehind
            ? Find(app, location, _appInsts.List(snapshot).Where(inst => app.Equals(inst.AppKey)).Select(inst => inst.Key), snapshot)
            : found;
    }

    private (FindCloudletResponse? Match, string WhyNot) Find(AppKey app, Location location, IEnumerable<AppInstKey> keys, MirrorSnapshot snapshot)
    {
        var distanceMaxKm = _settings.List(snapshot).FirstOrDefault()?.FindDistanceMaxKm is { } limit and > 0 ? limit : double.PositiveInfinity;
        FindCloudletResponse? nearest = null;
        var misses = new Misses();
        foreach (var key in keys)
        {
            if (_appInsts.Get(key, snapshot) is not { } inst || !app.Equals(inst.AppKey) || Reach(inst, snapshot, misses) is not var (uri, place))
            {
                continue;
            }

            var distanceKm = GreatCircle.DistanceKm(location, place);
            if (distanceKm > distanceMaxKm)
            {
                misses.TooFar++;
            }
            else if (nearest is null || distanceKm < nearest.DistanceKm
                || (distanceKm == nearest.DistanceKm && Precedes(key, nearest.AppInstKey)))
            {
                nearest = new FindCloudletResponse
                {
                    AppInstKey = key,
                    CloudletKey = inst.CloudletKey,
                    Uri = uri,
                    Location = place,
                    DistanceKm = distanceKm,
                };
            }
        }

        return nearest is not null ? (nearest, "") : (null, WhyNone(app, misses, snapshot));
    }

    /// <summary>Where to reach an instance, or null and a reason counted.</summary>
    private (string Uri, Location Place)? Reach(AppInst inst, MirrorSnapshot snapshot, Misses misses)
    {
        if (inst.State == AppInstState.Deleting)
        {
            misses.Deleting++;
            return null;
        }

        if (inst.CloudletKey is null || _cloudletInfos.Get(inst.CloudletKey, snapshot) is not { State: CloudletState.Ready } cloudlet)
        {
            misses.CloudletNotReady++;
            return null;
        }

        if (_appInstInfos.Get(inst.Key, snapshot) is not { State: AppInstState.Ready } info || !inst.CloudletKey.Equals(info.CloudletKey))
        {
            misses.NotReady++;
            return null;
        }

        if (cloudlet.Location is not { } place)
        {
            misses.Nowhere++;
            return null;
        }

        return (info.Uri, place);
    }

    private string WhyNone(AppKey app, Misses misses, MirrorSnapshot snapshot)
    {
        var name = $"{app.Organization}/{app.Name}/{app.Version}";
        if (misses.Total > 0)
        {
            return $"No healthy instance of app {name}: {misses}.";
        }

        return _apps.Get(app, snapshot) is null ? $"There is no app {name}." : $"App {name} has no instance.";
    }

    /// <summary>Among equally near instances the answer is always the same one.</summary>
    private static bool Precedes(AppInstKey one, AppInstKey other) =>
        (string.CompareOrdinal(one.Organization, other.Organization), string.CompareOrdinal(one.Name, other.Name)) is ( < 0, _) or (0, < 0);

    /// <summary>Why instances were passed over.</summary>
    private sealed class Misses
    {
        public int CloudletNotReady { get; set; }

        public int NotReady { get; set; }

        public int Deleting { get; set; }

        public int Nowhere { get; set; }

        public int TooFar { get; set; }

        public int Total => CloudletNotReady + NotReady + Deleting + Nowhere + TooFar;

        public override string ToString() => string.Join(", ", new[]
        {
            (CloudletNotReady, "on cloudlets that are not ready"),
            (NotReady, "not reported as ready"),
            (Deleting, "being deleted"),
            (Nowhere, "on cloudlets without a location"),
            (TooFar, "too far away"),
        }.Where(reason => reason.Item1 > 0).Select(reason => $"{reason.Item1} {reason.Item2}"));
    }
}
