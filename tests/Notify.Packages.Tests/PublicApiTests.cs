using System.Reflection;

namespace Notify.Packages.Tests;

/// <summary>What a package offers changes on purpose only: the snapshot is a part of the change.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("Notify.Core")]
    [InlineData("Notify.Client")]
    [InlineData("Notify.Server")]
    [InlineData("Notify.Storage")]
    public void PublicApi_IsTheSnapshot(string name)
    {
        var file = Path.Combine(Packages.Root, "tests", "Notify.Packages.Tests", "Api", name + ".txt");
        var actual = PublicApi.Of(Assembly.Load(name));
        if (Environment.GetEnvironmentVariable("NOTIFY_UPDATE_API") == "1")
            File.WriteAllText(file, actual);
        var (expected, found) = (Lines(File.ReadAllText(file)), Lines(actual));

        Assert.True(
            expected.SequenceEqual(found),
            $"The public API of {name} is another one. If that is meant, run the tests with NOTIFY_UPDATE_API=1 and commit {file}.\n"
            + $"gone:\n  {string.Join("\n  ", expected.Except(found))}\nnew:\n  {string.Join("\n  ", found.Except(expected))}");
    }

    // With its type before each member, so that a member that moves shows.
    private static List<string> Lines(string text)
    {
        var (lines, type) = (new List<string>(), "");
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            type = line[0] == ' ' ? type : line;
            lines.Add(line[0] == ' ' ? $"{type} |{line}" : line);
        }

        return lines;
    }
}
