using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Notify.Ctl.Tests;

public sealed partial class OutputTests
{
    [Fact]
    public async Task Table_HasKeyRevisionAndTheFieldsThatAreSet()
    {
        await using var node = await CtlNode.StartAsync();
        var applied = await node.OutputOfAsync("apply", "-f", Samples.Plain("app.yaml"), "-f", Samples.Plain("cloudlet.yaml"), "-f", Samples.Plain("app-inst.json"), "--json");
        var revision = $"{JsonNode.Parse(applied)!["revision"]}".PadRight("REVISION".Length);

        var table = await node.OutputOfAsync("list", "Cloudlet", "ClusterInst", "AppInst", "App");

        var expected = $"""
            App (1)
            KEY                   REVISION  IMAGE_PATH                  IMAGE_TYPE         ACCESS_PORTS  DEFAULT_FLAVOR
            käferlabor/hello/1.0  {revision}  registry.example/hello:1.0  IMAGE_TYPE_DOCKER  tcp:8080      tiny

            Cloudlet (1)
            KEY                  REVISION  TIME_ZONE      PLATFORM_TYPE          VM_POOL  FLAVOR
            lakeside/rapperswil  {revision}  Europe/Zurich  PLATFORM_TYPE_VM_POOL  racks    tiny

            ClusterInst (1)
            KEY                                 REVISION  FLAVOR  NODES  IP_ACCESS
            lakeside/rapperswil/käferlabor/one  {revision}  tiny    1      IP_ACCESS_SHARED

            AppInst (1)
            KEY                 REVISION  APP_KEY               CLOUDLET_KEY         CLUSTER_KEY                         URI
            käferlabor/hello-1  {revision}  käferlabor/hello/1.0  lakeside/rapperswil  lakeside/rapperswil/käferlabor/one  hello.rapperswil.lakeside.edge.example
            """;
        Assert.Equal(Lines(expected), Lines(table));
    }

    [Fact]
    public async Task Table_IsSortedByName()
    {
        await using var node = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Path.Combine(Samples.Root, "world", "01-flavors.yaml"));

        var names = Lines(await node.OutputOfAsync("list", "Flavor")).Skip(1).Select(line => line.Split(' ')[0]).ToList();

        Assert.Equal(12, names.Count);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public async Task Key_InAnyForm_NamesTheSameObject()
    {
        await using var node = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Samples.Plain("app.yaml"), "-f", Samples.Plain("cloudlet.yaml"), "-f", Samples.Plain("app-inst.json"));
        string[] keys =
        [
            "lakeside/rapperswil/käferlabor/one",
            "name=one,cloudletKey.name=rapperswil,cloudlet_key.organization=lakeside,organization=käferlabor",
            """{"cloudletKey": {"organization": "lakeside", "name": "rapperswil"}, "organization": "käferlabor", "name": "one"}""",
        ];

        var outputs = await Task.WhenAll(keys.Select(key => node.OutputOfAsync("get", "clusterinst", key, "--json")));

        Assert.Single(outputs.Distinct());
        Assert.Equal("one", (string?)JsonNode.Parse(outputs[0])!["object"]!["key"]!["name"]);
    }

    [Fact]
    public async Task KeyThatWouldSteerATerminal_IsShownEscaped_AndCanBeReadBack()
    {
        await using var node = await CtlNode.StartAsync();
        await SelectorTests.ApplyAsync(node, """{"type": "Flavor", "object": {"key": {"name": "a\u001b[31mb"}}}""");

        var preview = await node.OutputOfAsync("delete", "fl", "--all", "--dry-run");
        var key = preview[preview.IndexOf('{', StringComparison.Ordinal)..(preview.IndexOf('}', StringComparison.Ordinal) + 1)];

        Assert.DoesNotContain('\e', preview);
        Assert.StartsWith("KEY", await node.OutputOfAsync("get", "fl", key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scope_NarrowsAList()
    {
        await using var node = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Path.Combine(Samples.Root, "world", "17-indian.yaml"));

        var all = JsonNode.Parse(await node.OutputOfAsync("list", "AppInst", "--json"))!.AsArray();
        var one = JsonNode.Parse(await node.OutputOfAsync("list", "AppInst", "--scope", "Indian/Maldives", "--json"))!.AsArray();

        var expected = all.Count(inst => (string?)inst!["object"]!["cloudletKey"]!["name"] == "Maldives");
        Assert.InRange(expected, 1, all.Count - 1);
        Assert.Equal(expected, one.Count);
        Assert.All(one, inst => Assert.Equal("Maldives", (string?)inst!["object"]!["cloudletKey"]!["name"]));
    }

    [Theory]
    [InlineData(false, null, false)]
    [InlineData(true, null, true)]
    [InlineData(true, "1", false)]
    [InlineData(true, "", true)]
    public async Task Colours_AppearInATerminalOnly_AndNotWithNoColor(bool isTerminal, string? noColor, bool expected)
    {
        await using var node = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Samples.Plain("app.yaml"));
        Dictionary<string, string> variables = noColor is null ? [] : new() { ["NO_COLOR"] = noColor };

        var list = await CtlRun.StartAsync(["list", "Flavor", "--address", node.Address], "", isTerminal, variables);
        var error = await CtlRun.StartAsync(["list", "Flavour"], "", isTerminal, variables);

        Assert.Equal(expected, list.Out.Contains('\e', StringComparison.Ordinal));
        Assert.Equal(expected, error.Error.Contains('\e', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(true, "1")]
    public async Task ProgressBar_OfALongApply_AppearsInATerminalOnly(bool isTerminal, string? noColor)
    {
        await using var node = await CtlNode.StartAsync();
        Dictionary<string, string> variables = noColor is null ? [] : new() { ["NO_COLOR"] = noColor };

        var run = await CtlRun.StartAsync(["apply", "-f", Path.Combine(Samples.Root, "world", "15-australia.yaml"), "--address", node.Address], "", isTerminal, variables);

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Equal(isTerminal, run.Error.Contains("applying", StringComparison.Ordinal));
        Assert.Equal(isTerminal && noColor is null, Colour().IsMatch(run.Error));
        Assert.Contains("objects applied in", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_OfEveryCommand_EndsWithExamples()
    {
        var help = (await CtlRun.StartAsync("--help")).Out;
        var commands = CommandLines().Matches(help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split("\n\n")[0]).Select(line => line.Groups["name"].Value).ToList();

        Assert.Contains("apply", commands);
        foreach (var command in commands)
        {
            var run = await CtlRun.StartAsync(command, "--help");
            Assert.Equal(ExitCode.Ok, run.Code);
            var examples = run.Out[run.Out.IndexOf("Examples:", StringComparison.Ordinal)..];
            Assert.Contains($"notifyctl {command}", examples, StringComparison.Ordinal);
        }
    }

    private static string[] Lines(string text) => [.. text.TrimEnd().Split('\n').Select(line => line.TrimEnd())];

    [GeneratedRegex(@"^  (?<name>[a-z]+)\b", RegexOptions.Multiline)]
    private static partial Regex CommandLines();

    [GeneratedRegex(@"\e\[[0-9;]*[1-9][0-9;]*m")]
    private static partial Regex Colour();
}
