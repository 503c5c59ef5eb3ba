using System.Text.Json.Nodes;
using Notify.Ctl.Types;

namespace Notify.Ctl.Tests;

public sealed class TypeNameTests
{
    [Theory]
    [InlineData("AppInst")]
    [InlineData("appinst")]
    [InlineData("appinsts")]
    [InlineData("AppInsts")]
    [InlineData("ai")]
    [InlineData("AI")]
    [InlineData("edge.v1.AppInst")]
    public void Find_ByAnyOfItsNames_IsTheType(string name) => Assert.Equal("edge.v1.AppInst", KnownTypes.Edge.Find(name)?.Name);

    [Theory]
    [InlineData("Settings", "settings")]
    [InlineData("Policy", "policies")]
    [InlineData("Key", "keys")]
    [InlineData("VMPool", "vmpools")]
    public void Pluralize_FollowsTheLanguage(string name, string plural) => Assert.Equal(plural, TypeNames.Pluralize(name));

    [Fact]
    public void Names_AreUnique_AndEveryTypeOfTheModelHasAnAbbreviation()
    {
        var names = KnownTypes.Edge.All.SelectMany(type => new[] { type.ShortName, type.Plural, type.Abbreviation }.Distinct(StringComparer.OrdinalIgnoreCase)).ToList();

        Assert.DoesNotContain(null, names);
        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public async Task Types_ListsThemAll_WithoutANode()
    {
        var table = await CtlRun.StartAsync(["types"], "", variables: new() { ["NOTIFY_ADDRESS"] = "not an address" });
        var json = await CtlRun.StartAsync("types", "--json");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (table.Code, json.Code));
        var lines = table.Out.TrimEnd().Split('\n');
        Assert.Equal(KnownTypes.Edge.All.Count + 1, lines.Length);
        Assert.Matches(@"^NAME +SHORT +PLURAL +KIND +SCOPE +LABELS +KEY$", lines[0]);
        Assert.Contains(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, "^AppInst +ai +appinsts +stored +CloudletKey +yes +organization/name$"));
        Assert.Contains(lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, "^CloudletInfo +cli +cloudletinfos +shared +CloudletKey +- +organization/name$"));
        var one = JsonNode.Parse(json.Out)!.AsArray().Single(type => (string?)type!["fullName"] == "edge.v1.ClusterInst")!;
        Assert.Equal(["cloudletKey.organization", "cloudletKey.name", "organization", "name"], one["key"]!.AsArray().Select(field => (string?)field));
    }

    [Fact]
    public async Task Documents_TakeAnyNameToo()
    {
        await using var node = await CtlNode.StartAsync();

        var run = await CtlRun.StartAsync(["apply", "-f", "-", "--address", node.Address], "type: flavors\nobject: {key: {name: tiny}}\n");

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Contains("tiny", await node.OutputOfAsync("get", "fl", "tiny"), StringComparison.Ordinal);
    }
}
