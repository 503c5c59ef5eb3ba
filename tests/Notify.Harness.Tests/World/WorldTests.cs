using System.Text.Json.Nodes;
using Google.Protobuf;
using Notify.Edge;
using Notify.Harness.Expectations;
using Notify.Harness.World;

namespace Notify.Harness.Tests.World;

public sealed class WorldTests
{
    [Fact]
    public void Build_Twice_GivesTheSameObjects() =>
        Assert.Equal(Samples.Generated.Select(o => o.Message), WorldBuilder.Build(Samples.Places).Select(o => o.Message));

    [Fact]
    public void CommittedFiles_AreWhatTheGeneratorMakes()
    {
        var rendered = WorldFiles.Render(Samples.Generated);

        Assert.Equal(
            rendered.Keys,
            Directory.EnumerateFiles(Samples.WorldFolder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        Assert.All(rendered, file => Assert.True(
            file.Value == File.ReadAllText(Path.Combine(Samples.WorldFolder, file.Key)),
            $"{file.Key} is not what WorldBuilder makes: run `dotnet run --project tools/Notify.Harness -- world --out samples/world`"));
    }

    [Fact]
    public void CommittedFiles_ReadBack_AreTheGeneratedObjects() =>
        Assert.Equal(Samples.Generated.Select(o => o.Message), Samples.Committed.Select(Samples.Parse));

    [Fact]
    public void CommittedFiles_LeaveDefaultsOutAndUseTheJsonNames() => Assert.All(
        // Flavors have 64-bit fields, which the runtime's formatter writes as strings; the world writes numbers.
        Samples.Committed.Where(o => o.Type != "Flavor"),
        sample => Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(JsonFormatter.Default.Format(Samples.Parse(sample))), sample.Fields),
            sample.Fields.ToJsonString()));

    [Fact]
    public void Counts_AreThoseOfAWorld()
    {
        var counts = Samples.Committed.CountBy(o => o.Type).ToDictionary();

        Assert.Equal(Samples.Places.Count, counts["Cloudlet"]);
        Assert.True(counts["Cloudlet"] >= 300, $"{counts["Cloudlet"]} cloudlets");
        Assert.True(counts["AppInst"] >= 4500, $"{counts["AppInst"]} instances");
        Assert.True(counts["App"] >= 36, $"{counts["App"]} apps");
        Assert.Equal(12, counts["Flavor"]);
        Assert.Equal(1, counts["Settings"]);
        Assert.True(counts["VMPool"] >= 9 && counts["GPUDriver"] >= 3, "pools and drivers");
        Assert.True(Samples.Committed.Count > 5000, $"{Samples.Committed.Count} objects");
    }

    [Fact]
    public void Keys_AreUnique() =>
        Assert.Equal(Samples.Committed.Count, Samples.Committed.Select(o => (o.Type, o.Fields["key"]?.ToJsonString())).Distinct().Count());

    [Fact]
    public void References_AllResolve() => Assert.Empty(Oracle.Load(Samples.WorldFolder).Dangling());

    [Fact]
    public void AppInst_RunsOnAClusterOfItsOwnCloudlet() => Assert.All(
        Samples.Generated.Select(o => o.Message).OfType<AppInst>(),
        i => Assert.True(i.ClusterKey is null || i.ClusterKey.CloudletKey.Equals(i.CloudletKey), i.Key.Name));

    [Fact]
    public void Cloudlets_SomeHavePoolsAndSomeHaveDrivers()
    {
        var cloudlets = Samples.Generated.Select(o => o.Message).OfType<Cloudlet>().ToList();

        Assert.All(cloudlets, c => Assert.Equal(c.PlatformType == PlatformType.VmPool, c.VmPool.Length > 0));
        Assert.Contains(cloudlets, c => c.VmPool.Length > 0);
        Assert.Contains(cloudlets, c => c.GpuDriver is not null);
        Assert.Contains(cloudlets, c => c.GpuDriver is null);
    }

    [Fact]
    public void Zurich_IsWhereItIs()
    {
        var zurich = Assert.Single(
            Samples.Committed.Select(Samples.Parse).OfType<Cloudlet>(),
            c => c.Key is { Organization: "Europe", Name: "Zurich" });

        Assert.Equal(47.38, zurich.Location.Latitude, 2);
        Assert.Equal(8.53, zurich.Location.Longitude, 2);
        Assert.Equal("CH", zurich.CountryCodes[0]);
        Assert.Equal("Europe/Zurich", zurich.TimeZone);
    }
}
