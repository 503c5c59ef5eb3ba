using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Notify.Core.Schemas;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>docs/diagnostics.md has a section for each rule and no others, and its examples have the mistake that they are about.</summary>
public sealed partial class DiagnosticsPageTests
{
    private const string Header = "syntax = \"proto3\"; package example; import \"notify/options.proto\";";

    private static readonly IReadOnlyList<SchemaRule> Rules =
    [
        .. typeof(SchemaRule).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => field.GetValue(null)).OfType<SchemaRule>()
            .OrderBy(rule => rule.Id, StringComparer.Ordinal),
    ];

    private static readonly string Page = File.ReadAllText(Repository.Path("docs", "diagnostics.md")).ReplaceLineEndings("\n");

    private static readonly IReadOnlyDictionary<string, string> Sections = SectionStart().Split(Page).Skip(1).Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);

    public static TheoryData<string> Examples => [.. Sections.Where(section => section.Value.Contains("```proto", StringComparison.Ordinal)).Select(section => section.Key)];

    [Fact]
    public void Sections_AreTheRulesOfTheCode() => Assert.Equal(Rules.Select(rule => rule.Id), Sections.Keys);

    [Fact]
    public void Section_OfEachRule_HasItsTitleAnExampleAndARemedy() => Assert.All(Rules, rule =>
    {
        var section = Sections[rule.Id];
        Assert.StartsWith($"\n\n**{rule.Title}** ({(rule.IsWarning ? "warning" : "error")})\n\n", section, StringComparison.Ordinal);
        Assert.Contains("\n```", section, StringComparison.Ordinal);
        Assert.Contains("\n**Remedy:** ", section, StringComparison.Ordinal);
    });

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_OfEachRule_HasItsMistake_AtTheMarkedLine(string id)
    {
        var block = ExampleBlock().Match(Sections[id]).Groups["text"].Value;
        var text = block.StartsWith("syntax", StringComparison.Ordinal) ? block : Header + "\n" + block;
        var marked = text.Split('\n').Index().Single(line => line.Item.EndsWith($"// {id}", StringComparison.Ordinal)).Index;

        var problem = Assert.Single(new ProtoProject(("example.proto", text)).Run().Diagnostics);

        Assert.Equal(id, problem.Id);
        Assert.Equal(("/project/protos/example.proto", marked), (problem.Location.GetLineSpan().Path, problem.Location.GetLineSpan().StartLinePosition.Line));
        var help = problem.Descriptor.HelpLinkUri.Split('#');
        Assert.True(File.Exists(Repository.Path(help[0])), problem.Descriptor.HelpLinkUri);
        Assert.Contains(help[1].ToUpperInvariant(), Sections.Keys);
    }

    [Fact]
    public void Rules_HaveATestEach()
    {
        var tests = typeof(DiagnosticsTests).GetMethods().Select(test => test.Name).ToList();
        Assert.All(Rules, rule => Assert.Contains(tests, test => test.StartsWith(rule.Id + "_", StringComparison.OrdinalIgnoreCase)));
    }

    [GeneratedRegex(@"^## (NTFY\d{3})$", RegexOptions.Multiline)]
    private static partial Regex SectionStart();

    [GeneratedRegex(@"```proto\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex ExampleBlock();
}
