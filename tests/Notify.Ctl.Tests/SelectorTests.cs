using System.Text.Json.Nodes;
using Notify.Ctl.Selecting;

namespace Notify.Ctl.Tests;

public sealed class SelectorTests
{
    private const string Objects = """
        type: App
        object: {key: {organization: acme, name: maps, version: "1"}, labels: {team: geo, stage: prod}}
        ---
        type: App
        object: {key: {organization: acme, name: chess, version: "1"}, labels: {team: fun}}
        ---
        type: App
        object: {key: {organization: other, name: maps, version: "2"}}
        ---
        type: Flavor
        object: {key: {name: tiny}, labels: {team: geo}}
        """;

    [Theory]
    [InlineData("a=b", "b", true)]
    [InlineData("a==b", "b", true)]
    [InlineData("a=b", "c", false)]
    [InlineData("a=b", null, false)]
    [InlineData("a!=b", "c", true)]
    [InlineData("a!=b", null, true)]
    [InlineData("a!=b", "b", false)]
    [InlineData("a", "", true)]
    [InlineData("a", null, false)]
    [InlineData("!a", null, true)]
    [InlineData("!a", "b", false)]
    [InlineData("a=", "", true)]
    [InlineData("a = b", "b", true)]
    [InlineData("a=b=c", "b=c", true)]
    public void Term_HoldsAsWritten(string text, string? actual, bool expected) =>
        Assert.Equal(expected, Assert.Single(SelectorTerm.Parse(text, "-l")).Holds(actual));

    [Theory]
    [InlineData("app -l team=geo", "maps/1")]
    [InlineData("app -l team!=geo", "chess/1 maps/2")]
    [InlineData("app -l team", "maps/1 chess/1")]
    [InlineData("app -l !team", "maps/2")]
    [InlineData("app -l team=geo,stage=prod", "maps/1")]
    [InlineData("app -l team=geo,stage=test", "")]
    [InlineData("app --field-selector organization=acme", "maps/1 chess/1")]
    [InlineData("app --field-selector key.name=maps,organization!=acme", "maps/2")]
    [InlineData("app --field-selector version", "maps/1 chess/1 maps/2")]
    [InlineData("app --field-selector !version", "")]
    [InlineData("app --field-selector name=maps -l team", "maps/1")]
    [InlineData("-l team=geo", "maps/1 tiny")]
    [InlineData("--field-selector version=1", "maps/1 chess/1")]
    public async Task List_ShowsWhatIsSelected(string arguments, string expected)
    {
        await using var node = await NodeAsync();

        var listed = JsonNode.Parse(await node.OutputOfAsync(["list", .. arguments.Split(' '), "--json"]))!.AsArray();

        Assert.Equal(
            expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(),
            listed.Select(one => one!["object"]!["key"]!).Select(key => $"{key["name"]}{(key["version"] is { } version ? "/" + version : "")}").Order());
    }

    [Theory]
    [InlineData("list app -l =x", "'=x' is no condition")]
    [InlineData("list app -l a,,b", "'' is no condition")]
    [InlineData("list Settings -l a=b", "Settings objects have no labels")]
    [InlineData("list app --field-selector nam=x", "App has no key field 'nam' (--field-selector); did you mean 'name'. The key of App has organization, name, version.")]
    [InlineData("list --field-selector nothing=x", "no type has all of the key fields in 'nothing=x'")]
    [InlineData("delete app a/b/c -l a=b", "exclude each other")]
    [InlineData("delete app --all -l a=b", "exclude each other")]
    [InlineData("delete -f x -l a=b", "-f and selectors exclude each other")]
    [InlineData("delete -l a=b", "what to delete is missing")]
    [InlineData("delete app", "the key of the App is missing")]
    [InlineData("apply -f x --prune", "--prune needs -l")]
    [InlineData("apply -f x -l a=b", "-l goes with --prune")]
    [InlineData("apply -f x --prune -l a", "'a' does not say what belongs to the input")]
    [InlineData("apply -f x --prune -l a!=b", "'a!=b' does not say what belongs to the input")]
    public async Task WrongSelector_IsRefused(string commandLine, string expected)
    {
        var run = await CtlRun.StartAsync(commandLine.Split(' '));

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(expected, run.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_OfALabel_ShowsAnObjectThatLosesItAsLeft()
    {
        await using var node = await NodeAsync();
        await using WatchRun watch = new(node, "watch", "apps", "-l", "team=geo");
        await watch.Error.WaitForAsync("1 object at revision");

        await ApplyAsync(node, "type: App\nobject: {key: {organization: acme, name: maps, version: \"1\"}, labels: {team: fun}}\n");
        await watch.Out.WaitForAsync("left     App acme/maps/1");
        await ApplyAsync(node, "type: App\nobject: {key: {organization: acme, name: maps, version: \"1\"}, labels: {team: geo}}\n");
        await watch.Out.WaitForAsync("\nadded    App acme/maps/1"); // The first one has no line before it.
        await node.OutputOfAsync("delete", "app", "acme/chess/1"); // Was never shown, so its end is not.
        await node.OutputOfAsync("delete", "app", "acme/maps/1");
        await watch.Out.WaitForAsync("removed  App acme/maps/1");

        Assert.Equal(["added", "left", "added", "removed"], watch.Out.Text.TrimEnd().Split('\n').Select(line => line.Split(' ')[0]));
    }

    [Fact]
    public async Task Delete_OfASelection_DeletesThoseAndNoOthers_AfterADryRunThatDeletesNone()
    {
        await using var node = await NodeAsync();
        string[] delete = ["delete", "apps", "--field-selector", "organization=acme"];

        var preview = await node.OutputOfAsync([.. delete, "--dry-run"]);
        var before = JsonNode.Parse(await node.OutputOfAsync("list", "apps", "--json"))!.AsArray().Count;
        var deleted = await node.OutputOfAsync([.. delete, "--json"]);
        var again = await node.OutputOfAsync([.. delete, "--json"]);

        Assert.Equal("deleted   App acme/maps/1\ndeleted   App acme/chess/1\nThis would be: 2 deleted. Nothing was changed (--dry-run).\n", preview);
        Assert.Equal(3, before);
        Assert.Equal(2, JsonNode.Parse(deleted)!["objects"]!.AsArray().Count);
        Assert.Empty(JsonNode.Parse(again)!["objects"]!.AsArray());
        Assert.Contains("other/maps/2", Assert.Single((await node.OutputOfAsync("list", "apps")).TrimEnd().Split('\n').Skip(1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_OfAScope_DeletesItsObjects()
    {
        await using var node = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Path.Combine(Samples.Root, "world", "17-indian.yaml"));
        var all = Count(await node.OutputOfAsync("list", "ai", "--json"));
        var here = Count(await node.OutputOfAsync("list", "ai", "--scope", "Indian/Maldives", "--json"));

        await node.OutputOfAsync("delete", "ai", "--scope", "Indian/Maldives");

        Assert.InRange(here, 1, all - 1);
        Assert.Equal(all - here, Count(await node.OutputOfAsync("list", "ai", "--json")));
        Assert.Equal(0, Count(await node.OutputOfAsync("list", "ai", "--scope", "Indian/Maldives", "--json")));

        static int Count(string json) => JsonNode.Parse(json)!.AsArray().Count;
    }

    [Fact]
    public async Task Delete_All_DeletesTheType()
    {
        await using var node = await NodeAsync();

        await node.OutputOfAsync("delete", "app", "--all");

        Assert.Equal("[]\n", await node.OutputOfAsync("list", "app", "--json"));
        Assert.NotEqual("[]\n", await node.OutputOfAsync("list", "flavor", "--json"));
    }

    internal static async Task ApplyAsync(CtlNode node, string objects) =>
        Assert.Equal(ExitCode.Ok, (await CtlRun.StartAsync(["apply", "-f", "-", "--address", node.Address], objects)).Code);

    private static async Task<CtlNode> NodeAsync()
    {
        var node = await CtlNode.StartAsync();
        await ApplyAsync(node, Objects);
        return node;
    }
}
