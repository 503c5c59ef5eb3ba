using System.Text.Json.Nodes;
using Google.Protobuf;
using Notify.Edge;
using Notify.Harness.Expectations;

namespace Notify.Harness.Tests.Expectations;

public sealed class OracleTests
{
    private const string Home = """{"organization":"op","name":"home"}""";
    private const string Away = """{"organization":"op","name":"away"}""";

    [Fact]
    public void ExpectedForCloudlet_ObjectsInScope_BringWhatTheyReferTo()
    {
        var oracle = Small();

        Assert.Equal(
            [
                """App {"name":"a"}""",
                """AppInst {"name":"a-1"}""",
                $$"""Cloudlet {{Sorted(Home)}}""",
                $$"""ClusterInst {"cloudletKey":{{Sorted(Home)}},"name":"c"}""",
                """Flavor {"name":"app"}""",
                """Flavor {"name":"cluster"}""",
                """GPUDriver {"name":"g"}""",
                """VMPool {"name":"pool","organization":"op"}""",
            ],
            Names(oracle.ExpectedForCloudlet("op", "home")));
        Assert.Equal([$$"""Cloudlet {{Sorted(Away)}}"""], Names(oracle.ExpectedForCloudlet("op", "away")));
        Assert.Empty(oracle.ExpectedForCloudlet("op", "nowhere"));
    }

    [Fact]
    public void ExpectedForCloudlet_AfterTheInstanceMoved_FollowsIt()
    {
        var oracle = Small();

        oracle.Put(Sample("AppInst", $$"""{"key":{"name":"a-1"},"appKey":{"name":"a"},"cloudletKey":{{Away}} }"""));

        Assert.DoesNotContain("""App {"name":"a"}""", Names(oracle.ExpectedForCloudlet("op", "home")));
        Assert.Equal(
            ["""App {"name":"a"}""", """AppInst {"name":"a-1"}""", $$"""Cloudlet {{Sorted(Away)}}""", """Flavor {"name":"app"}"""],
            Names(oracle.ExpectedForCloudlet("op", "away")));
    }

    [Fact]
    public void ExpectedForCloudlet_ReferenceIntoAnotherScope_IsNotFollowed()
    {
        var oracle = Small();

        // Half a move: the instance has left, its cluster stays where clusters stay.
        oracle.Put(Sample("AppInst", $$"""
            {"key":{"name":"a-1"},"cloudletKey":{{Away}},"clusterKey":{"cloudletKey":{{Home}},"name":"c"} }
            """));

        Assert.Equal(["""AppInst {"name":"a-1"}""", $$"""Cloudlet {{Sorted(Away)}}"""], Names(oracle.ExpectedForCloudlet("op", "away")));
    }

    [Fact]
    public void ExpectedForCloudlet_PoolOfAnotherOrganization_IsNotTheOneNamed()
    {
        var oracle = Small();

        Assert.True(oracle.Delete("VMPool", (JsonObject)JsonNode.Parse("""{"name":"pool","organization":"op"}""")!));

        Assert.DoesNotContain(oracle.ExpectedForCloudlet("op", "home"), o => o.Type == "VMPool");
        Assert.Equal(("VMPool", """{"name":"pool","organization":"op"}"""), Assert.Single(oracle.Dangling().Select(d => (d.Type, d.Key))));
        Assert.False(oracle.Delete("VMPool", []));
    }

    [Fact]
    public void ExpectedForDme_IsAllAppsAndInstances() => Assert.Equal(
        [
            """App {"name":"a"}""",
            """App {"name":"unused"}""",
            """AppInst {"name":"a-1"}""",
        ],
        Names(Small().ExpectedForDme()));

    [Fact]
    public void ExpectedForCloudlet_EveryCloudletOfTheWorld_MatchesTheTypedObjects()
    {
        var oracle = Oracle.Load(Samples.WorldFolder);
        var typed = Samples.Generated.Select(o => o.Message).ToList();
        var instances = typed.OfType<AppInst>().ToLookup(i => i.CloudletKey);
        var clusters = typed.OfType<ClusterInst>().ToLookup(c => c.Key.CloudletKey);
        var apps = typed.OfType<App>().ToDictionary(a => a.Key);
        var flavors = typed.OfType<Flavor>().ToDictionary(f => f.Key);
        var drivers = typed.OfType<GPUDriver>().ToDictionary(d => d.Key);
        var pools = typed.OfType<VMPool>().ToDictionary(p => p.Key);

        foreach (var cloudlet in typed.OfType<Cloudlet>())
        {
            // The same closure once more, over typed messages.
            HashSet<IMessage> expected = [cloudlet, flavors[cloudlet.Flavor], .. instances[cloudlet.Key], .. clusters[cloudlet.Key]];
            expected.UnionWith(clusters[cloudlet.Key].Select(c => flavors[c.Flavor]));
            expected.UnionWith(instances[cloudlet.Key].Where(i => i.Flavor is not null).Select(i => flavors[i.Flavor]));
            expected.UnionWith(instances[cloudlet.Key].Select(i => apps[i.AppKey]));
            expected.UnionWith(instances[cloudlet.Key].Select(i => flavors[apps[i.AppKey].DefaultFlavor]));
            if (cloudlet.GpuDriver is not null)
                expected.Add(drivers[cloudlet.GpuDriver]);
            if (cloudlet.VmPool.Length > 0)
                expected.Add(pools[new() { Organization = cloudlet.Key.Organization, Name = cloudlet.VmPool }]);

            var difference = MirrorDifference.Between(
                oracle.ExpectedForCloudlet(cloudlet.Key.Organization, cloudlet.Key.Name),
                expected.Select(m => MirrorObject.FromJson(m.Descriptor.Name, JsonFormatter.Default.Format(m))));
            Assert.True(difference.IsEmpty, $"{cloudlet.Key}: {difference}");
        }
    }

    [Fact]
    public void Difference_NamesWhatIsMissingUnexpectedAndChanged()
    {
        MirrorObject same = new("App", "1", "v");
        MirrorObject missing = new("App", "2", "v");
        MirrorObject old = new("App", "3", "v");
        MirrorObject other = new("App", "3", "w");
        MirrorObject more = new("App", "4", "v");

        var difference = MirrorDifference.Between([same, missing, old], [same, other, more]);

        Assert.False(difference.IsEmpty);
        Assert.Equal([missing], difference.Missing);
        Assert.Equal([more], difference.Unexpected);
        Assert.Equal([(old, other)], difference.Changed);
        Assert.Equal(
            "1 missing, first App 2; 1 unexpected, first App 4; 1 with another value, first w instead of v",
            difference.ToString());
        Assert.Equal("equal", MirrorDifference.Between([same], [same]).ToString());
    }

    private static Oracle Small()
    {
        Oracle oracle = new();
        oracle.Put(Sample("Flavor", """{"key":{"name":"app"}}"""));
        oracle.Put(Sample("Flavor", """{"key":{"name":"cluster"}}"""));
        oracle.Put(Sample("Flavor", """{"key":{"name":"unused"}}"""));
        oracle.Put(Sample("App", """{"key":{"name":"a"},"defaultFlavor":{"name":"app"}}"""));
        oracle.Put(Sample("App", """{"key":{"name":"unused"},"defaultFlavor":{"name":"unused"}}"""));
        oracle.Put(Sample("GPUDriver", """{"key":{"name":"g"}}"""));
        oracle.Put(Sample("VMPool", """{"key":{"organization":"op","name":"pool"}}"""));
        oracle.Put(Sample("VMPool", """{"key":{"organization":"other","name":"pool"}}"""));
        oracle.Put(Sample("Cloudlet", $$"""{"key":{{Home}},"vmPool":"pool","gpuDriver":{"name":"g"} }"""));
        oracle.Put(Sample("Cloudlet", $$"""{"key":{{Away}} }"""));
        oracle.Put(Sample("ClusterInst", $$"""{"key":{"cloudletKey":{{Home}},"name":"c"},"flavor":{"name":"cluster"} }"""));
        oracle.Put(Sample("AppInst", $$"""
            {"key":{"name":"a-1"},"appKey":{"name":"a"},"cloudletKey":{{Home}},"clusterKey":{"cloudletKey":{{Home}},"name":"c"} }
            """));
        return oracle;
    }

    private static SampleObject Sample(string type, string json) => new(type, (JsonObject)JsonNode.Parse(json)!);

    private static string Sorted(string key) => CanonicalJson.Write((JsonObject)JsonNode.Parse(key)!);

    private static IEnumerable<string> Names(IEnumerable<MirrorObject> objects) =>
        objects.Select(o => o.ToString()).Order(StringComparer.Ordinal);
}
