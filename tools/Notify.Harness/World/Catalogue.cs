using Notify.Edge;

namespace Notify.Harness.World;

/// <summary>What is on offer everywhere: flavors, drivers and apps. Organizations and apps are invented.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<Flavor> Flavors { get; } =
    [
        Size("x1.nano", 512, 1, 5),
        Size("x1.micro", 1024, 1, 10),
        Size("x1.small", 2048, 2, 20),
        Size("x1.medium", 4096, 2, 40),
        Size("x1.large", 8192, 4, 80),
        Size("x1.xlarge", 16384, 8, 160),
        Size("c1.medium", 4096, 4, 20),
        Size("c1.large", 8192, 8, 40),
        Size("r1.large", 32768, 4, 80),
        Size("r1.xlarge", 65536, 8, 160),
        Size("g1.medium", 8192, 4, 80, gpus: 1),
        Size("g1.large", 32768, 8, 160, gpus: 2),
    ];

    public static IReadOnlyList<GPUDriver> GpuDrivers { get; } =
    [
        // Without an organization: for every operator.
        Driver("", "open-accel", "2.4.1", "power=balanced"),
        Driver("mesh-silicon", "ms-700", "550.12", "power=balanced"),
        Driver("mesh-silicon", "ms-900", "571.3", "power=full", "partitions=4"),
        Driver("kestrel-compute", "kc-infer", "11.0", "memory=shared"),
    ];

    public static IReadOnlyList<CatalogueApp> Apps { get; } =
    [
        new("harbor-maps", "tiles", ["2.1.0", "2.2.0"], "x1.small", ImageType.Docker, "tcp:443", 10),
        new("harbor-maps", "geocoder", ["5.0.3"], "r1.large", ImageType.Docker, "tcp:443", 6),
        new("harbor-maps", "routing", ["3.4.0", "3.5.1"], "r1.large", ImageType.Helm, "tcp:443,tcp:8443", 6),
        new("northlight-games", "skirmish", ["1.12.0", "1.13.0"], "c1.medium", ImageType.Docker, "udp:7000-7050", 10),
        new("northlight-games", "lobby", ["1.13.0"], "x1.small", ImageType.Docker, "tcp:443", 8),
        new("northlight-games", "voice", ["0.9.4"], "c1.medium", ImageType.Docker, "udp:9000-9100", 7),
        new("lumen-vision", "detector", ["4.2.0", "4.3.0"], "g1.medium", ImageType.Docker, "tcp:8443", 4, Trusted: false),
        new("lumen-vision", "annotator", ["1.0.7"], "g1.large", ImageType.Helm, "tcp:8443", 2, Trusted: false),
        new("lumen-vision", "archive", ["2.0.0"], "x1.large", ImageType.Docker, "tcp:443", 3, Trusted: false),
        new("tessera-ar", "anchors", ["0.8.2", "0.9.0"], "c1.large", ImageType.Docker, "tcp:443,udp:443", 6),
        new("tessera-ar", "overlay", ["0.9.0"], "g1.medium", ImageType.Docker, "tcp:443", 4),
        new("pulse-telemetry", "collector", ["7.1.0", "7.2.0"], "x1.micro", ImageType.Docker, "tcp:4317", 12),
        new("pulse-telemetry", "rollup", ["7.2.0"], "x1.medium", ImageType.Docker, "tcp:9090", 7),
        new("pulse-telemetry", "alarms", ["7.2.0"], "x1.nano", ImageType.Docker, "tcp:9093", 7),
        new("meridian-video", "transcoder", ["2.6.0", "2.7.0"], "g1.medium", ImageType.Docker, "tcp:1935", 5),
        new("meridian-video", "packager", ["2.7.0"], "c1.large", ImageType.Docker, "tcp:443", 6),
        new("meridian-video", "origin-cache", ["1.8.5"], "r1.xlarge", ImageType.Helm, "tcp:443", 8),
        new("meridian-video", "captions", ["0.4.1"], "c1.medium", ImageType.Docker, "tcp:8080", 3),
        new("openfield-drones", "ground-control", ["3.0.2", "3.1.0"], "x1.medium", ImageType.Docker, "udp:14550", 4, Trusted: false),
        new("openfield-drones", "relay", ["3.1.0"], "x1.small", ImageType.Docker, "udp:14600", 4, Trusted: false),
        new("civic-sense", "traffic", ["1.5.0", "1.6.0"], "x1.medium", ImageType.Docker, "tcp:443", 6),
        new("civic-sense", "air-quality", ["1.6.0"], "x1.nano", ImageType.Docker, "tcp:443", 6),
        new("civic-sense", "parking", ["1.2.9"], "x1.small", ImageType.Docker, "tcp:443", 4),
        new("quietlane-health", "vitals", ["2.3.0"], "x1.small", ImageType.Docker, "tcp:8443", 4, Trusted: false),
        new("quietlane-health", "imaging", ["2.0.1"], "r1.xlarge", ImageType.Qcow, "tcp:11112", 2),
        new("foundry-floor", "plc-gateway", ["6.4.0", "6.5.0"], "x1.small", ImageType.Docker, "tcp:4840", 5, Trusted: false),
        new("foundry-floor", "historian", ["6.5.0"], "r1.large", ImageType.Qcow, "tcp:1433", 3),
        new("foundry-floor", "inspector", ["1.1.0"], "g1.medium", ImageType.Docker, "tcp:8443", 2, Trusted: false),
        new("paperplane-mail", "edge-filter", ["4.0.0"], "x1.medium", ImageType.Docker, "tcp:25,tcp:465", 4),
        new("paperplane-mail", "push", ["4.0.0", "4.1.0"], "x1.micro", ImageType.Docker, "tcp:443", 8),
    ];

    private static Flavor Size(string name, ulong ramMb, uint vcpus, ulong diskGb, int gpus = 0)
    {
        Flavor flavor = new() { Key = new() { Name = name }, RamMb = ramMb, Vcpus = vcpus, DiskGb = diskGb };
        if (gpus > 0)
            flavor.Resources["gpu"] = $"{gpus}";
        return flavor;
    }

    private static GPUDriver Driver(string organization, string name, string version, params string[] properties)
    {
        GPUDriver driver = new() { Key = new() { Organization = organization, Name = name } };
        foreach (var kernel in new[] { "5.15.0-105-generic", "6.1.0-18-amd64" })
        {
            Dice dice = new($"{name}/{version}/{kernel}");
            driver.Builds.Add(new GPUDriverBuild
            {
                Name = $"{version}-linux-{kernel[..kernel.IndexOf('.', 2)]}",
                KernelVersion = kernel,
                DriverPath = $"drivers.example/{name}/{version}/{kernel}.run",
                Digest = "sha256:" + string.Concat(Enumerable.Range(0, 64).Select(_ => "0123456789abcdef"[dice.Roll(16)])),
            });
        }

        foreach (var property in properties.Select(p => p.Split('=')))
            driver.Properties[property[0]] = property[1];
        return driver;
    }
}
