using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Edge;

namespace Notify.Harness.World;

/// <summary>
/// Makes the sample world: one cloudlet per place, its operator being the part of the world it lies in, with the clusters and
/// instances that run there. The same places give the same world, object for object.
/// </summary>
internal static class WorldBuilder
{
    /// <summary>Cloudlets that draw on one pool.</summary>
    private const int CloudletsPerPool = 3;

    /// <summary>The objects in the order of their files, what is referred to before what refers to it.</summary>
    public static IEnumerable<WorldObject> Build(IReadOnlyList<Place> places)
    {
        foreach (var flavor in Catalogue.Flavors)
            yield return new("01-flavors.yaml", flavor);
        foreach (var driver in Catalogue.GpuDrivers)
            yield return new("02-gpu-drivers.yaml", driver);
        foreach (var app in Catalogue.Apps.SelectMany(a => a.Published()))
            yield return new("03-apps.yaml", app);
        yield return new("04-settings.yaml", Settings());

        var areas = places.GroupBy(p => p.Area).OrderBy(a => a.Key, StringComparer.Ordinal).ToList();
        for (var i = 0; i < areas.Count; i++)
        {
            var file = $"{10 + i}-{Lower(areas[i].Key)}.yaml";
            foreach (var message in Area(areas[i].Key, [.. areas[i].OrderBy(p => p.Name, StringComparer.Ordinal)]))
                yield return new(file, message);
        }
    }

    private static Settings Settings() => new()
    {
        MetricsInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
    };

    private static IEnumerable<IMessage> Area(string area, IReadOnlyList<Place> places)
    {
        var cloudlets = places.Select(Cloudlet).ToList();
        var pooled = cloudlets.Where(c => c.PlatformType == PlatformType.VmPool).ToList();
        for (var i = 0; i < pooled.Count; i++)
            pooled[i].VmPool = $"pool-{(i / CloudletsPerPool) + 1}";
        foreach (var name in pooled.Select(c => c.VmPool).Distinct())
            yield return VmPool(area, name);

        foreach (var cloudlet in cloudlets)
        {
            yield return cloudlet;
            var instances = AppInsts(cloudlet).ToList();
            foreach (var key in instances.Select(i => i.ClusterKey).OfType<ClusterInstKey>().Distinct())
                yield return ClusterInst(key);
            foreach (var instance in instances)
                yield return instance;
        }
    }

    private static Cloudlet Cloudlet(Place place)
    {
        Dice dice = new("cloudlet " + place.TimeZone);
        var platform = dice.Roll(10) switch
        {
            < 4 => PlatformType.Openstack,
            < 8 => PlatformType.Kubernetes,
            _ => PlatformType.VmPool,
        };
        Cloudlet cloudlet = new()
        {
            Key = new() { Organization = place.Area, Name = place.Name },
            Location = new() { Latitude = place.Latitude, Longitude = place.Longitude },
            CountryCodes = { place.CountryCodes },
            TimeZone = place.TimeZone,
            PlatformType = platform,
            Flavor = new() { Name = dice.Chance(70) ? "x1.large" : "x1.xlarge" },
            DynamicIps = (uint)(8 << dice.Roll(4)),
        };
        if (dice.Chance(30))
            cloudlet.GpuDriver = Catalogue.GpuDrivers[dice.Roll(Catalogue.GpuDrivers.Count)].Key.Clone();
        return cloudlet;
    }

    private static VMPool VmPool(string area, string name)
    {
        Dice dice = new($"pool {area}/{name}");
        var (subnet, count, address) = (1 + dice.Roll(250), 4 + dice.Roll(5), 1 + dice.Roll(250));
        VMPool pool = new() { Key = new() { Organization = area, Name = name } };
        for (var i = 1; i <= count; i++)
        {
            pool.Vms.Add(new VM
            {
                Name = $"vm-{i}",
                // 192.0.2.0/24 is set aside for examples.
                ExternalIp = i <= 2 ? $"192.0.2.{address + i}" : "",
                InternalIp = $"10.20.{subnet}.{10 + i}",
            });
        }

        return pool;
    }

    private static ClusterInst ClusterInst(ClusterInstKey key)
    {
        Dice dice = new($"cluster {key.CloudletKey.Organization}/{key.CloudletKey.Name}/{key.Organization}");
        var shared = key.Organization == key.CloudletKey.Organization;
        return new()
        {
            Key = key.Clone(),
            Flavor = new() { Name = shared ? "c1.large" : "x1.large" },
            Nodes = (uint)((shared ? 3 : 1) + dice.Roll(3)),
            Masters = shared ? 1u : 0,
            IpAccess = shared ? IpAccess.Shared : IpAccess.Dedicated,
        };
    }

    private static IEnumerable<AppInst> AppInsts(Cloudlet cloudlet)
    {
        Dice dice = new("instances " + cloudlet.TimeZone);
        // Nobody lives in Antarctica; the rest of the world runs 8 to 24 instances per place.
        var count = cloudlet.Key.Organization == "Antarctica" ? 2 : 8 + dice.Roll(17);
        var left = Catalogue.Apps.ToList();
        for (var i = 0; i < count; i++)
        {
            var app = Draw(left, dice);
            left.Remove(app);
            yield return AppInst(cloudlet.Key, app, dice);
        }
    }

    private static CatalogueApp Draw(List<CatalogueApp> apps, Dice dice)
    {
        var ticket = dice.Roll(apps.Sum(a => a.Weight));
        foreach (var app in apps)
        {
            ticket -= app.Weight;
            if (ticket < 0)
                return app;
        }

        throw new InvalidOperationException("A ticket is below the sum of the weights.");
    }

    private static AppInst AppInst(CloudletKey cloudlet, CatalogueApp app, Dice dice)
    {
        var place = $"{Lower(cloudlet.Organization)}-{Lower(cloudlet.Name)}";
        AppInst instance = new()
        {
            Key = new() { Organization = app.Organization, Name = $"{app.Name}-{place}" },
            AppKey = app.Key(app.Versions[dice.Roll(app.Versions.Count)]),
            CloudletKey = cloudlet.Clone(),
            Uri = $"{app.Name}.{Lower(cloudlet.Name)}.{Lower(cloudlet.Organization)}.edge.example",
        };
        if (app.ImageType != ImageType.Qcow)
        {
            instance.ClusterKey = app.Trusted
                ? new() { CloudletKey = cloudlet.Clone(), Organization = cloudlet.Organization, Name = "shared" }
                : new() { CloudletKey = cloudlet.Clone(), Organization = app.Organization, Name = "own" };
        }

        if (dice.Chance(15))
            instance.Flavor = new() { Name = dice.Chance(50) ? "x1.large" : "x1.xlarge" };
        return instance;
    }

    private static string Lower(string name) => name.ToLowerInvariant();
}
