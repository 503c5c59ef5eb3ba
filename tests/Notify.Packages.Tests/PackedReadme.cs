using System.Text.RegularExpressions;

namespace Notify.Packages.Tests;

/// <summary>The code in docs/packages.md, which is the README of every package.</summary>
internal static partial class PackedReadme
{
    /// <summary>The one block in a language that has a text.</summary>
    public static string Block(string language, string text) => Blocks().Matches(File.ReadAllText(Path.Combine(Packages.Root, "docs", "packages.md")))
        .Where(block => block.Groups["language"].Value == language)
        .Select(block => block.Groups["code"].Value)
        .Single(code => code.Contains(text, StringComparison.Ordinal));

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
