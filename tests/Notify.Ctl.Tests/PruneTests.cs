using System.Text.Json.Nodes;
using Notify.Ctl.CommandLine;

namespace Notify.Ctl.Tests;

/// <summary><c>apply --prune</c> and <c>apply --dry-run</c>.</summary>
public sealed class PruneTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Prune_DeletesWhatTheInputHasNoMore_AndNothingElse()
    {
        await using var node = await LoadedAsync();

        var pruned = await RunAsync(node, "--yes", "--json");

        Assert.Equal(ExitCode.Ok, pruned.Code);
        Assert.Equal(
            ["Flavor unchanged", "App updated", "AppInst deleted", "App deleted"],
            JsonNode.Parse(pruned.Out)!["objects"]!.AsArray().Select(one => $"{one!["type"]} {one["outcome"]}"));
        Assert.Equal(["alien", "mine", "tiny"], await NamesAsync(node, "apps", "flavors"));
        Assert.Empty(await NamesAsync(node, "appinsts"));
        Assert.Equal(ExitCode.Ok, (await node.RunAsync("get", "settings")).Code);
    }

    [Fact]
    public async Task DryRun_SaysWhatWouldBe_AndChangesNothing()
    {
        await using var node = await LoadedAsync();
        var before = await node.OutputOfAsync("list", "--stored", "-o", "yaml", "--revisions");

        var run = await RunAsync(node, "--dry-run");
        var json = await RunAsync(node, "--dry-run", "--json");

        Assert.Equal((ExitCode.Ok, ""), (run.Code, run.Error));
        Assert.Equal(
            """
            updated   App acme/mine/1
            deleted   AppInst acme/old
            deleted   App acme/old/1
            This would be: 1 unchanged, 1 updated, 2 deleted. Nothing was changed (--dry-run).

            """,
            run.Out);
        Assert.Equal((true, 4), ((bool)JsonNode.Parse(json.Out)!["dryRun"]!, JsonNode.Parse(json.Out)!["objects"]!.AsArray().Count));
        Assert.Equal(before, await node.OutputOfAsync("list", "--stored", "-o", "yaml", "--revisions"));
    }

    [Fact]
    public async Task DryRun_OfADocumentAtAnotherRevision_IsAConflict()
    {
        await using var node = await LoadedAsync();

        var run = await CtlRun.StartAsync(
            ["apply", "-f", "-", "--dry-run", "--address", node.Address], "type: Flavor\nrevision: 999\nobject: {key: {name: tiny}}\n");

        Assert.Equal(ExitCode.ConditionFailed, run.Code);
        Assert.Contains("conflict  Flavor tiny", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prune_WhereNobodyCanBeAsked_ShowsItAndDoesNothing()
    {
        await using var node = await LoadedAsync();
        var before = await node.OutputOfAsync("list", "--stored", "-o", "yaml", "--revisions");

        var run = await RunAsync(node);

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Matches(@"^2 objects with set=shop are not in the input:\n  AppInst acme/old  revision \d+\n  App acme/old/1  revision \d+\nerror: --prune would delete 2 objects\. Nothing was applied\.\n.*--dry-run.*--yes\.\n$", run.Error);
        Assert.Equal(before, await node.OutputOfAsync("list", "--stored", "-o", "yaml", "--revisions"));
    }

    [Theory]
    [InlineData("y\n", 0, 0)]
    [InlineData("n\n", 1, 1)]
    [InlineData("", 1, 1)]
    public async Task Prune_InATerminal_AsksFirst(string answer, int expected, int left)
    {
        await using var node = await LoadedAsync();
        using StringWriter output = new();
        using StringWriter error = new();
        using StringReader input = new(answer);
        CtlEnvironment environment = new(input, output, error, _ => null) { InIsTerminal = true, ErrorIsTerminal = true };

        var code = await NotifyCtl.RunAsync([.. Arguments(node)], environment, CancellationToken.None);

        Assert.Equal(expected, code);
        Assert.Contains("Delete them?", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(left, (await NamesAsync(node, "appinsts")).Count);
        Assert.Equal(left == 0 ? "2" : "1", (string?)JsonNode.Parse(await node.OutputOfAsync("get", "app", "acme/mine/1", "--json"))!["object"]!["generation"]);
    }

    [Fact]
    public async Task Prune_OfAnObjectThatSomebodyChangesMeanwhile_Is4_AndTheObjectStays()
    {
        await using var node = await LoadedAsync();
        using StringWriter error = new();
        using Answer input = new(() => SelectorTests.ApplyAsync(
            node, "type: AppInst\nobject: {key: {organization: acme, name: old}, uri: taken.over, labels: {set: mine}}\n"));
        CtlEnvironment environment = new(input, TextWriter.Null, error, _ => null) { InIsTerminal = true, ErrorIsTerminal = true };

        var code = await NotifyCtl.RunAsync([.. Arguments(node)], environment, CancellationToken.None);

        Assert.Equal(ExitCode.ConditionFailed, (ExitCode)code);
        Assert.Contains("AppInst acme/old was expected at revision", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("The input was applied; what it has no more was not all deleted.", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("taken.over", await node.OutputOfAsync("get", "ai", "acme/old", "--json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prune_OfAnInputWithoutTheLabels_IsRefused_WithThePlaces()
    {
        await using var node = await LoadedAsync();
        _folder.Write("more.yaml", "type: Flavor\nobject: {key: {name: naked}}\n");

        var run = await RunAsync(node, "--yes");

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("more.yaml:1:1: Flavor naked has not the labels set=shop", run.Error, StringComparison.Ordinal);
        Assert.Single(await NamesAsync(node, "appinsts"));
    }

    /// <summary>A node with what an older version of the folder had, something of somebody else's, and settings.</summary>
    private async Task<CtlNode> LoadedAsync()
    {
        var node = await CtlNode.StartAsync();
        const string Tiny = "type: Flavor\nobject: {key: {name: tiny}, labels: {set: shop}}\n";
        await SelectorTests.ApplyAsync(node, Tiny + """
            ---
            type: App
            object: {key: {organization: acme, name: mine, version: "1"}, labels: {set: shop}, generation: 1}
            ---
            type: App
            object: {key: {organization: acme, name: old, version: "1"}, labels: {set: shop}}
            ---
            type: AppInst
            object: {key: {organization: acme, name: old}, appKey: {organization: acme, name: old, version: "1"}, labels: {set: shop}}
            ---
            type: App
            object: {key: {organization: acme, name: alien, version: "1"}, labels: {set: other}}
            ---
            type: Settings
            object: {}
            """);
        _folder.Write("shop.yaml", Tiny + """
            ---
            type: App
            object: {key: {organization: acme, name: mine, version: "1"}, labels: {set: shop}, generation: 2}
            """);
        return node;
    }

    private string[] Arguments(CtlNode node, params string[] options) =>
        ["apply", "-f", _folder.Path, "--prune", "-l", "set=shop", .. options, "--address", node.Address];

    private Task<CtlRun> RunAsync(CtlNode node, params string[] options) => CtlRun.StartAsync(Arguments(node, options));

    private static async Task<List<string>> NamesAsync(CtlNode node, params string[] types) =>
        [.. JsonNode.Parse(await node.OutputOfAsync(["list", .. types, "--json"]))!.AsArray().Select(one => (string)one!["object"]!["key"]!["name"]!).Order()];

    /// <summary>Somebody who says yes, after something has happened.</summary>
    private sealed class Answer(Func<Task> before) : TextReader
    {
        public override async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
        {
            await before();
            return "y";
        }
    }
}
