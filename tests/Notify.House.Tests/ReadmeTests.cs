using System.Text.RegularExpressions;

namespace Notify.House.Tests;

/// <summary>What the READMEs show is what was compiled.</summary>
public sealed partial class ReadmeTests
{
    [Theory]
    [InlineData("README.md", "proto")]
    [InlineData("README.md", "csharp")]
    [InlineData("docs/packages.md", "proto")] // The tests of the packages compile its programs.
    public void CodeOfAReadme_IsPartOfASample(string file, string language)
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, file));
        var blocks = Block().Matches(readme).Where(block => block.Groups["language"].Value == language).ToList();
        var samples = Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples"), language == "proto" ? "*.proto" : "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Contains("obj"))
            .Select(File.ReadAllText)
            .ToList();

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(samples, sample => sample.Contains(block.Groups["code"].Value, StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
