using System.Text.RegularExpressions;
using Notify.Annotations;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>docs/annotations.md has a row for each option and each rule, and no others.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Repository.Path("docs", "annotations.md"));

    [Fact]
    public void Options_HaveOneRowEach()
    {
        var declared = OptionsReflection.Descriptor.Extensions.UnorderedExtensions.Select(option => (option.Name, option.FieldNumber));
        var documented = OptionRow().Matches(Page).Select(row => (row.Groups["name"].Value, int.Parse(row.Groups["number"].ValueSpan)));
        Assert.Equal(declared.OrderBy(option => option.FieldNumber), documented.OrderBy(option => option.Item2));
    }

    [Fact]
    public void Options_HaveATestEach()
    {
        var tested = typeof(EnvelopeTests).GetMethods().SelectMany(test => test.GetCustomAttributesData())
            .Where(attribute => attribute.AttributeType == typeof(TraitAttribute)).Select(attribute => (string)attribute.ConstructorArguments[1].Value!);
        var documented = OptionRow().Matches(Page).Select(row => row.Groups["name"].Value);
        Assert.Equal(documented.Order(StringComparer.Ordinal), tested.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rules_HaveOneRowEach_WithTheirAnchor()
    {
        var source = File.ReadAllText(Repository.Path("src", "Notify.Core", "Schemas", "SchemaRule.cs"));
        var declared = RuleId().Matches(source).Select(match => match.Value.Trim('"'));
        var documented = RuleRow().Matches(Page).Select(row => row.Groups["id"].Value).ToList();
        Assert.Equal(declared, documented);
        Assert.All(documented, id => Assert.Contains($"<a id=\"{id.ToLowerInvariant()}\"></a>{id}", Page, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| `(?<name>\w+)` \| (?<number>\d+) \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    [GeneratedRegex("\"NTFY[0-9]{3}\"")]
    private static partial Regex RuleId();

    [GeneratedRegex(@"^\| <a id=""\w+""></a>(?<id>NTFY\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex RuleRow();
}
