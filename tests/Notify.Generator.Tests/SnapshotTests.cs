using Notify.Generator.Tests.Shop;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>
/// Holds the generated text against Snapshots/. Set NOTIFY_UPDATE_SNAPSHOTS=1 to accept what is generated now, and review the diff.
/// </summary>
public sealed class SnapshotTests
{
    private static readonly IReadOnlyDictionary<string, string> Sources = GeneratorRun.Of(ShopReflection.Descriptor).Sources;

    public static TheoryData<string> Files => [.. Sources.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Output_OfEachFile_IsAsReviewed(string file)
    {
        var path = Path.Combine(Folder(), file + ".txt");
        if (Environment.GetEnvironmentVariable("NOTIFY_UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, Sources[file]);
        }

        Assert.True(File.Exists(path), $"No snapshot of {file}.");
        Assert.Equal(File.ReadAllText(path), Sources[file]);
    }

    [Fact]
    public void Output_HasNoFilesLessThanReviewed()
    {
        var reviewed = Directory.GetFiles(Folder()).Select(path => Path.GetFileNameWithoutExtension(path)!);
        Assert.Equal(Sources.Keys.Order(StringComparer.Ordinal), reviewed.Order(StringComparer.Ordinal));
    }

    private static string Folder() => Repository.Path("tests", "Notify.Generator.Tests", "Snapshots");
}
