using System.Text.Json.Nodes;
using Notify.Edge;

namespace Notify.Ctl.Tests;

public sealed class ApplyTests
{
    private const string TwoFlavors = """
        type: Flavor
        object: {key: {name: tiny}, vcpus: 1}
        ---
        type: Flavor
        object: {key: {name: big}, vcpus: 8}
        """;

    [Fact]
    public async Task PlainSamples_BuildOnOneAnother_AndMoveUpdates()
    {
        await using var node = await CtlNode.StartAsync();

        await node.OutputOfAsync("apply", "-f", Samples.Plain("app.yaml"), "-f", Samples.Plain("cloudlet.yaml"), "-f", Samples.Plain("app-inst.json"));
        await node.OutputOfAsync("apply", "-f", Samples.Plain("settings.yaml"));
        var moved = await node.OutputOfAsync("apply", "-f", Samples.Plain("move.json"), "--json");

        Assert.Equal("updated", (string?)JsonNode.Parse(moved)!["objects"]![0]!["outcome"]);
        Assert.Contains("Europe/Zurich", await node.OutputOfAsync("list", "AppInst"), StringComparison.Ordinal);
        Assert.Contains("metricsInterval: \"5s\"", await node.OutputOfAsync("get", "Settings", "-o", "yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task World_IsAppliedWhole_AndTheSecondTimeNothingChanges()
    {
        await using var node = await CtlNode.StartAsync();
        var world = Path.Combine(Samples.Root, "world");

        var first = JsonNode.Parse(await node.OutputOfAsync("apply", "-f", world, "--json"))!;
        var second = JsonNode.Parse(await node.OutputOfAsync("apply", "-f", world, "--json"))!;

        var objects = first["objects"]!.AsArray();
        Assert.True(objects.Count > 5_000, $"{objects.Count} objects");
        Assert.All(objects, one => Assert.Equal("created", (string?)one!["outcome"]));
        Assert.All(second["objects"]!.AsArray(), one => Assert.Equal("unchanged", (string?)one!["outcome"]));
        Assert.Equal((long)first["revision"]!, (long)second["revision"]!);
    }

    [Fact]
    public async Task StandardInput_TakesYamlAndJson()
    {
        await using var node = await CtlNode.StartAsync();

        var yaml = await CtlRun.StartAsync(["apply", "-f", "-", "--address", node.Address], TwoFlavors);
        var json = await CtlRun.StartAsync(
            ["apply", "-f", "-", "--address", node.Address],
            """[{"type": "edge.v1.Flavor", "object": {"key": {"name": "tiny"}, "ram_mb": "512", "vcpus": 1}}]""");

        Assert.Equal("TYPE    CREATED\nFlavor  2\n2 objects applied in 1 commit, revision ", yaml.Out[..^(yaml.Out.Length - yaml.Out.LastIndexOf(' ') - 1)]);
        Assert.StartsWith("TYPE    UPDATED\nFlavor  1\n", json.Out, StringComparison.Ordinal);
        Assert.Contains("ramMb: 512", await node.OutputOfAsync("get", "Flavor", "tiny", "-o", "yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MalformedDocument_AmongGoodOnes_AppliesNothing()
    {
        await using var node = await CtlNode.StartAsync();
        using TemporaryFolder folder = new();
        folder.Write("1.yaml", TwoFlavors);
        folder.Write("2.yaml", "type: Flavor\nobject: {key: {name: odd}, vcpus: many}\n");

        var run = await node.RunAsync("apply", "-f", folder.Path);

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("2.yaml:2:35: Flavor.vcpus must be an integer of 32 bits, not negative, not 'many'.", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was applied.\n", run.Error, StringComparison.Ordinal);
        Assert.Equal("[]\n", await node.OutputOfAsync("list", "Flavor", "--json"));
    }

    [Fact]
    public async Task AllMistakesAreReported_EachAtItsPlace()
    {
        using TemporaryFolder folder = new();
        var file = folder.Write("bad.yaml", """
            type: Flavr
            object: {}
            ---
            type: AppInst
            object:
              key: {organization: acme, name: x}
              cloudletKeys: {organization: Europe}
              state: APP_INST_STATE_REDY
              uri: [a, b]
            ---
            object: {key: {name: x}}
            ---
            type: Flavor
            objekt: {}
            ---
            type: Flavor
            object: {vcpus: 1}
            ---
            type: AppInstInfo
            object: {key: {organization: acme, name: x}}
            """);

        var run = await CtlRun.StartAsync("apply", "-f", file);

        Assert.Equal(ExitCode.Usage, run.Code);
        string[] expected =
        [
            ":1:7: there is no type 'Flavr'; did you mean 'Flavor'?",
            ":7:3: AppInst has no field 'cloudletKeys'; did you mean 'cloudletKey'?",
            ":8:10: AppInst.state must be one of APP_INST_STATE_UNSPECIFIED, ",
            "did you mean 'APP_INST_STATE_READY', not 'APP_INST_STATE_REDY'.",
            ":9:8: AppInst.uri is a single value, not a list.",
            ":11:1: the document has no 'type'.",
            ":14:1: a document has no 'objekt'; did you mean 'object'?",
            ":17:9: ",
            ":19:1: AppInstInfo objects belong to the nodes that send them and cannot be written.",
        ];
        Assert.All(expected, text => Assert.Contains(text, run.Error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("type: Flavor\nobject: {key: {name: a}\n", "x.yaml:3:1: this is not YAML: ")]
    [InlineData("type: Flavor\n\tobject: {}\n", "x.yaml:2:1: this is not YAML: ")]
    [InlineData("type: Flavor\nobject: *there\n", "x.yaml:2:9: there is no anchor &there before this alias.")]
    [InlineData("just a text\n", "x.yaml:1:1: a document has 'type' and 'object', but here is 'just a text'.")]
    [InlineData("type: Flavor\nobject: {key: {name: a}, vcpus: 1, vcpus: 2}\n", "x.yaml:2:36: Flavor.vcpus is given twice, first in line 2.")]
    [InlineData("type: Settings\nobject: {metricsInterval: 5}\n", "x.yaml:2:27: Settings.metricsInterval must be seconds with an s, like 30s or 1.5s, not '5'.")]
    public async Task MalformedYaml_IsRefused_WithFileLineAndColumn(string text, string expected)
    {
        using TemporaryFolder folder = new();

        var run = await CtlRun.StartAsync("apply", "-f", folder.Write("x.yaml", text));

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"type\": \"Flavor\",\n  \"object\": {\"key\": {\"name\": \"ä\"}, \"vcpus\": }}", "x.json:2:45: this is not JSON: ")]
    [InlineData("{\"type\": \"Flavor\",\n  \"object\": {\"key\": {\"name\": \"ä\"}, \"cpus\": 1}}", "x.json:2:36: Flavor has no field 'cpus'; did you mean 'vcpus'?")]
    [InlineData("{\"type\": \"Flavor\", \"object\": {\"key\": {\"name\": 7}}}", "x.json:1:47: FlavorKey.name must be a text (in quotes), not '7'.")]
    public async Task MalformedJson_IsRefused_WithFileLineAndColumn(string text, string expected)
    {
        using TemporaryFolder folder = new();

        var run = await CtlRun.StartAsync("apply", "-f", folder.Write("x.json", text));

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneObjectTwiceInTheInput_IsRefused_WithBothPlaces()
    {
        using TemporaryFolder folder = new();
        var first = folder.Write("1.yaml", TwoFlavors);
        var second = folder.Write("2.json", """{"type": "Flavor", "object": {"key": {"name": "big"}}}""");

        var run = await CtlRun.StartAsync("apply", "-f", first, "-f", second);

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains($"{second}:1:1: Flavor big is in the input twice, first at {first}:4:1.", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yaml")]
    [InlineData("json")]
    public async Task ListOfEverything_AppliedElsewhere_GivesTheSameObjects(string format)
    {
        await using var node = await CtlNode.StartAsync();
        await using var other = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Samples.Plain("app.yaml"), "-f", Samples.Plain("cloudlet.yaml"), "-f", Samples.Plain("app-inst.json"),
            "-f", Samples.Plain("settings.yaml"), "-f", Path.Combine(Samples.Root, "world", "17-indian.yaml"));

        var copy = await node.OutputOfAsync("list", "--stored", "-o", format);
        var run = await CtlRun.StartAsync(["apply", "-f", "-", "--address", other.Address], copy);

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Equal(copy, await other.OutputOfAsync("list", "--stored", "-o", format));
        Assert.NotEmpty(Contents(node));
        Assert.Equal(Contents(node), Contents(other));
    }

    [Fact]
    public async Task OddTexts_SurviveTheWayThroughYaml()
    {
        await using var node = await CtlNode.StartAsync();
        string[] odd = ["no", "1.10", "null", "~", " x ", "a: b", "a #b", "- a", "line\nbreak\ttab", "\"'\\", "2025-01-31", "käfer 🐞", "0x1F", "", "a\u0085b", "=", "<<", "\ufeffx", "x:"];
        JsonObject environment = new(odd.Select((text, i) => KeyValuePair.Create(i % 2 == 0 ? $"k{i}" : text + i, (JsonNode?)JsonValue.Create(text))));
        JsonObject document = new() { ["type"] = "App", ["object"] = new JsonObject { ["key"] = new JsonObject { ["name"] = "odd" }, ["environment"] = environment } };
        await CtlRun.StartAsync(["apply", "-f", "-", "--address", node.Address], document.ToJsonString());

        var yaml = await node.OutputOfAsync("get", "App", "name=odd", "-o", "yaml");
        var run = await CtlRun.StartAsync(["apply", "-f", "-", "--address", node.Address, "--json"], yaml);

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Equal("unchanged", (string?)JsonNode.Parse(run.Out)!["objects"]![0]!["outcome"]);
    }

    [Fact]
    public async Task DocumentWithRevision_IsWrittenAtThatRevisionOnly()
    {
        await using var node = await CtlNode.StartAsync();
        await CtlRun.StartAsync(["apply", "-f", "-", "--address", node.Address], TwoFlavors);
        var read = await node.OutputOfAsync("get", "Flavor", "tiny", "-o", "yaml", "--revisions");

        var first = await CtlRun.StartAsync(["apply", "-f", "-", "--address", node.Address], read.Replace("vcpus: 1", "vcpus: 2", StringComparison.Ordinal));
        var second = await CtlRun.StartAsync(["apply", "-f", "-", "--address", node.Address], read.Replace("vcpus: 1", "vcpus: 3", StringComparison.Ordinal));

        Assert.Equal(ExitCode.Ok, first.Code);
        Assert.Equal(ExitCode.ConditionFailed, second.Code);
        Assert.Contains("vcpus: 2", await node.OutputOfAsync("get", "Flavor", "tiny", "-o", "yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RefusedCommit_OfALongInput_SaysHowMuchWasDone()
    {
        await using var node = await CtlNode.StartAsync();
        var flavors = string.Concat(Enumerable.Range(0, 250).Select(i => $"---\ntype: Flavor\n{(i == 249 ? "revision: 7\n" : "")}object: {{key: {{name: f{i}}}}}\n"));

        var run = await CtlRun.StartAsync(["apply", "-f", "-", "--address", node.Address], flavors);

        Assert.Equal(ExitCode.ConditionFailed, run.Code);
        Assert.Contains("Flavor f249 was expected at revision 7, and it does not exist.", run.Error, StringComparison.Ordinal);
        Assert.Matches(@"(0|100|200) of 250 objects were applied; the commit that failed has those from stdin:602:1 \(Flavor f200\) on\.", run.Error);
    }

    [Fact]
    public async Task DeleteByFile_DeletesAll_AndTheSecondTimeIs3UnlessIgnored()
    {
        await using var node = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Samples.Plain("app.yaml"));

        var first = await node.RunAsync("delete", "-f", Samples.Plain("app.yaml"));
        var second = await node.RunAsync("delete", "-f", Samples.Plain("app.yaml"));
        var third = await node.RunAsync("delete", "-f", Samples.Plain("app.yaml"), "--ignore-missing");

        Assert.Equal((ExitCode.Ok, ExitCode.NotFound, ExitCode.Ok), (first.Code, second.Code, third.Code));
        Assert.Equal("[]\n", await node.OutputOfAsync("list", "App", "Flavor", "--json"));
    }

    /// <summary>Every object's name and bytes.</summary>
    private static List<(string Id, string Value)> Contents(CtlNode node) =>
        [.. EdgeTypes.All.SelectMany(type => node.Mirror.Snapshot().List(type.Name)).Select(envelope => (envelope.Id.ToString(), envelope.Value.ToBase64())).Order()];
}
