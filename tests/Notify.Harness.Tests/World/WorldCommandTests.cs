using Notify.Harness.World;

namespace Notify.Harness.Tests.World;

public sealed class WorldCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notify-world-");

    [Fact]
    public async Task World_IntoAFolderWithStaleFiles_LeavesTheWorldAndWhatIsNoYaml()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "99-stale.yaml"), "");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "notes.txt"), "");

        var exit = await WorldCommand.Create()
            .Parse(["--tab", Path.Combine(Samples.Folder, "zone1970.tab"), "--out", folder.FullName])
            .InvokeAsync();

        Assert.Equal(0, exit);
        Assert.Equal(
            Directory.EnumerateFiles(Samples.WorldFolder).Select(Path.GetFileName).Append("notes.txt").Order(StringComparer.Ordinal),
            folder.EnumerateFiles().Select(f => f.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void World_WithoutTheTable_IsAUsageError() =>
        Assert.NotEmpty(WorldCommand.Create().Parse(["--tab", Path.Combine(folder.FullName, "none.tab"), "--out", "x"]).Errors);

    public void Dispose() => folder.Delete(recursive: true);
}
