using System.Text.Json.Nodes;
using Notify.Ctl.Output;

namespace Notify.Ctl.Tests;

public sealed class DiffTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Difference_IsShownAsLines_AndIs1()
    {
        await using var node = await CtlNode.StartAsync();
        await SelectorTests.ApplyAsync(node, "type: Flavor\nobject: {key: {name: tiny}, vcpus: 1, ramMb: 512}\n");
        var file = _folder.Write("f.yaml", "type: fl\nrevision: 999\nobject: {key: {name: tiny}, vcpus: 2, ramMb: 512}\n---\ntype: fl\nobject: {key: {name: big}}\n");

        var run = await node.RunAsync("diff", "-f", file);

        Assert.Equal((1, ""), ((int)run.Code, run.Error));
        Assert.Equal(
            $"""
            --- Flavor tiny  revision 2
            +++ Flavor tiny  {file}:1:1
            @@ -3,4 +3,4 @@
               key:
                 name: tiny
               ramMb: 512
            -  vcpus: 1
            +  vcpus: 2
            --- Flavor big  not there
            +++ Flavor big  {file}:5:1
            @@ -0,0 +1,4 @@
            +type: Flavor
            +object:
            +  key:
            +    name: big

            """,
            run.Out);
    }

    [Fact]
    public async Task NoDifference_Is0_AndShowsNothing()
    {
        await using var node = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Samples.Plain("app.yaml"));

        var run = await node.RunAsync("diff", "-f", Samples.Plain("app.yaml"));

        Assert.Equal((ExitCode.Ok, "", ""), (run.Code, run.Out, run.Error));
    }

    [Fact]
    public async Task World_BeforeAndAfterItIsApplied()
    {
        await using var node = await CtlNode.StartAsync();
        var file = Path.Combine(Samples.Root, "world", "17-indian.yaml");

        var before = await node.RunAsync("diff", "-f", file, "--json");
        var applied = JsonNode.Parse(await node.OutputOfAsync("apply", "-f", file, "--json"))!["objects"]!.AsArray();
        var after = await node.RunAsync("diff", "-f", file, "--json");

        var differences = JsonNode.Parse(before.Out)!.AsArray();
        Assert.Equal((1, applied.Count), ((int)before.Code, differences.Count));
        Assert.All(differences, one => Assert.Equal("created", (string?)one!["outcome"]));
        Assert.Equal((ExitCode.Ok, "[]\n"), (after.Code, after.Out));
    }

    [Fact]
    public async Task Failure_IsNever1()
    {
        await using var node = await CtlNode.StartAsync();

        var noNode = await CtlRun.StartAsync("diff", "-f", Samples.Plain("app.yaml"), "--address", "127.0.0.1:1");
        var noFile = await node.RunAsync("diff", "-f", "/does/not/exist.yaml");
        await using var server = await CtlNode.StartServerAsync(_ => { });
        var noService = await CtlRun.StartAsync("diff", "-f", Samples.Plain("app.yaml"), "--address", server.Urls.Single());

        Assert.Equal((5, 2, 2), ((int)noNode.Code, (int)noFile.Code, (int)noService.Code));
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, "1", false)]
    [InlineData(false, null, false)]
    public async Task Colours_AppearInATerminalOnly_AndNotWithNoColor(bool isTerminal, string? noColor, bool expected)
    {
        await using var node = await CtlNode.StartAsync();
        Dictionary<string, string> variables = noColor is null ? [] : new() { ["NO_COLOR"] = noColor };

        var run = await CtlRun.StartAsync(["diff", "-f", Samples.Plain("app.yaml"), "--address", node.Address], "", isTerminal, variables);

        Assert.Equal(1, (int)run.Code);
        Assert.Equal(expected, run.Out.Contains("\e[32m+type: ", StringComparison.Ordinal));
        Assert.Equal(expected, run.Out.Contains('\e', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a b c", "a b c", "")]
    [InlineData("", "a", "@@ -0,0 +1,1 @@|+a")]
    [InlineData("a", "", "@@ -1,1 +0,0 @@|-a")]
    [InlineData("a b c d e f g h i", "a b c d X f g h i", "@@ -2,7 +2,7 @@| b| c| d|-e|+X| f| g| h")]
    [InlineData("1 2 3 4 5 6 7 8 9", "1 X 3 4 5 6 7 X 9", "@@ -1,9 +1,9 @@| 1|-2|+X| 3| 4| 5| 6| 7|-8|+X| 9")]
    [InlineData("1 2 3 4 5 6 7 8 9 0 a b", "X 2 3 4 5 6 7 8 9 0 a X", "@@ -1,4 +1,4 @@|-1|+X| 2| 3| 4@@ -9,4 +9,4 @@| 9| 0| a|-b|+X")]
    public void Hunks_HaveTheDifferencesWithTheirSurroundings(string before, string after, string expected)
    {
        var hunks = LineDiff.Hunks(LineDiff.Compare(Words(before), Words(after)));

        Assert.Equal(expected, string.Concat(hunks.Select(line => line.Sign == '@' ? line.Line : $"|{line.Sign}{line.Line}")));

        static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void Compare_LosesNothing_AndFindsTheMostThatIsCommon()
    {
        Random random = new(7);
        for (var round = 0; round < 200; round++)
        {
            var (before, after) = (Lines(), Lines());

            var lines = LineDiff.Compare(before, after);

            Assert.Equal(before, lines.Where(line => line.Sign != '+').Select(line => line.Line));
            Assert.Equal(after, lines.Where(line => line.Sign != '-').Select(line => line.Line));
            Assert.Equal(LongestCommon(before, after), lines.Count(line => line.Sign == ' '));
        }

        string[] Lines() => [.. Enumerable.Range(0, random.Next(9)).Select(_ => random.Next(3).ToString(System.Globalization.CultureInfo.InvariantCulture))];

        // By trying every choice.
        static int LongestCommon(ReadOnlySpan<string> a, ReadOnlySpan<string> b) =>
            a.IsEmpty || b.IsEmpty ? 0
            : a[0] == b[0] ? 1 + LongestCommon(a[1..], b[1..])
            : Math.Max(LongestCommon(a[1..], b), LongestCommon(a, b[1..]));
    }
}
