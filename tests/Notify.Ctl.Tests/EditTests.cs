using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Notify.Ctl.Tests;

/// <summary><c>edit</c>, with sed for an editor.</summary>
public sealed partial class EditTests
{
    [Fact]
    public async Task Edit_WritesWhatTheEditorSaved_AndLeavesNoFile()
    {
        await using var node = await NodeAsync();

        var run = await EditAsync(node, "sed -i 's/vcpus: 1/vcpus: 4/'", "--json");

        Assert.Equal((ExitCode.Ok, ""), (run.Code, run.Error));
        Assert.Equal("updated", (string?)JsonNode.Parse(run.Out)!["outcome"]);
        Assert.Equal(4, await VcpusAsync(node));
    }

    [Fact]
    public async Task Edit_ThatChangesNothing_WritesNothing()
    {
        await using var node = await NodeAsync();

        var run = await EditAsync(node, "true");

        Assert.Equal((ExitCode.Ok, "Flavor tiny unchanged, revision 2\n"), (run.Code, run.Out));
    }

    [Fact]
    public async Task Edit_WhileSomebodyElseIsFaster_Is4_AndKeepsTheFile()
    {
        await using var node = await NodeAsync();
        using TemporaryFolder folder = new();
        var other = folder.Write("other.yaml", "type: Flavor\nobject: {key: {name: tiny}, vcpus: 9}\n");

        var run = await EditAsync(node, $"{CtlProgram.Command} apply -f {other} --address {node.Address} >/dev/null; sed -i 's/vcpus: 1/vcpus: 4/'");

        Assert.Equal(ExitCode.ConditionFailed, run.Code);
        Assert.Contains("Flavor tiny was expected at revision 2, and it is at revision 3.", run.Error, StringComparison.Ordinal);
        Assert.Equal(9, await VcpusAsync(node));
        await AssertKeptAsync(run, "vcpus: 4");
    }

    [Theory]
    [InlineData("s/vcpus: 1/vcpus: many/", "Flavor.vcpus must be an integer")]
    [InlineData("s/name: tiny/name: huge/", "this is Flavor huge, another object")]
    [InlineData("s/vcpus: 1/vcpus: [/", "this is not YAML")]
    [InlineData("/^[^#]/d", "there are 0 objects where one was")]
    public async Task Edit_ThatIsWrong_ChangesNothing_AndKeepsTheFile(string script, string expected)
    {
        await using var node = await NodeAsync();

        var run = await EditAsync(node, $"sed -i '{script}'");

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, await VcpusAsync(node));
        await AssertKeptAsync(run, "# Flavor tiny of");
    }

    [Fact]
    public async Task Edit_WithAnEditorThatFails_ChangesNothing_AndKeepsWhatWasSaved()
    {
        await using var node = await NodeAsync();

        var saved = await EditAsync(node, "sh -c 'sed -i s/1/2/ \"$0\"; exit 3'");
        var missing = await EditAsync(node, "no-such-editor");

        Assert.Equal((ExitCode.Failed, ExitCode.Failed), (saved.Code, missing.Code));
        Assert.Contains("ended with exit code 3. Nothing was changed.", saved.Error, StringComparison.Ordinal);
        await AssertKeptAsync(saved, "type: Flavor");
        Assert.Contains("the editor 'no-such-editor' ended with exit code 127", missing.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("is kept", missing.Error, StringComparison.Ordinal);
        Assert.Equal(1, await VcpusAsync(node));
    }

    [Fact]
    public async Task KeptFile_CanBeApplied()
    {
        await using var node = await NodeAsync();
        var run = await EditAsync(node, "sed -i 's/vcpus: 1/vcpus: x/'");
        var file = KeptFile().Match(run.Error).Groups["file"].Value;
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("vcpus: x", "vcpus: 7", StringComparison.Ordinal));

        await node.OutputOfAsync("apply", "-f", file);

        Assert.Equal(7, await VcpusAsync(node));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true); // It is in a folder.
    }

    [Theory]
    [InlineData("edit Flavor none", 3, "has no Flavor none")]
    [InlineData("edit CloudletInfo a/b", 2, "belong to the nodes that send them")]
    [InlineData("edit Flavor", 2, "the key of the Flavor is missing")]
    public async Task Edit_OfWhatCannotBeEdited_SaysWhy(string commandLine, int code, string expected)
    {
        await using var node = await CtlNode.StartAsync();

        var run = await node.RunAsync(commandLine.Split(' '));

        Assert.Equal(code, (int)run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private static async Task<CtlNode> NodeAsync()
    {
        var node = await CtlNode.StartAsync();
        await SelectorTests.ApplyAsync(node, "type: Flavor\nobject: {key: {name: tiny}, vcpus: 1}\n");
        return node;
    }

    private static Task<CtlRun> EditAsync(CtlNode node, string editor, params string[] options) =>
        CtlRun.StartAsync(["edit", "fl", "tiny", "--address", node.Address, .. options], "", variables: new() { ["EDITOR"] = editor });

    private static async Task<int> VcpusAsync(CtlNode node) =>
        (int)JsonNode.Parse(await node.OutputOfAsync("get", "fl", "tiny", "--json"))!["object"]!["vcpus"]!;

    private static async Task AssertKeptAsync(CtlRun run, string expected)
    {
        var file = KeptFile().Match(run.Error).Groups["file"].Value;
        Assert.Contains(expected, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true); // It is in a folder.
    }

    [GeneratedRegex(@"kept in (?<file>/[^\s;]+\.yaml)")]
    private static partial Regex KeptFile();
}
