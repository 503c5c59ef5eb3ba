using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Commands;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;
using Notify.Ctl.Types;
using Notify.Edge;

namespace Notify.Ctl.Tests;

/// <summary><c>list --watch</c>.</summary>
public sealed class WatchTableTests
{
    [Fact]
    public async Task Terminal_GetsTheTableDrawnAgainAfterEachChange_AndKeepsTheLastOne()
    {
        await using var node = await CtlNode.StartAsync();
        await ApplyAsync(node, "tiny");
        await using WatchRun watch = new(node, screen: (60, 10), "list", "flavors", "--watch");

        await watch.Out.WaitForAsync("1 object  (Ctrl-C ends)");
        await ApplyAsync(node, "big");
        await watch.Out.WaitForAsync("2 objects  (Ctrl-C ends)");
        await node.OutputOfAsync("delete", "fl", "tiny");
        await watch.Out.WaitForAsync("1 object  (Ctrl-C ends)\e[0m\e[K\n\e[36mKEY  REVISION  VCPUS\e[0m\e[K\nbig ");
        Assert.Equal(ExitCode.Ok, await watch.InterruptAsync());

        var text = watch.Out.Text;
        Assert.StartsWith(ScreenText.Enter + "\e[H", text, StringComparison.Ordinal);
        var last = text[(text.IndexOf(ScreenText.Leave, StringComparison.Ordinal) + ScreenText.Leave.Length)..];
        Assert.Contains("\nbig  ", last, StringComparison.Ordinal);
        Assert.DoesNotContain("tiny", last, StringComparison.Ordinal);
        Assert.DoesNotContain(ScreenText.Enter, text[1..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task TerminalThatIsTooSmall_SaysHowMuchIsMissing()
    {
        await using var node = await CtlNode.StartAsync();
        await node.OutputOfAsync("apply", "-f", Path.Combine(Samples.Root, "world", "01-flavors.yaml"));
        await using WatchRun watch = new(node, screen: (20, 5), "list", "flavors", "-w");

        await watch.Out.WaitForAsync("... 10 more lines");

        var frame = watch.Out.Text.Split("\e[H")[1];
        Assert.Equal(5, frame.Split('\n').Length);
        Assert.All(frame.Split('\n'), line => Assert.InRange(Visible(line).Length, 1, 20));
    }

    [Fact]
    public async Task Terminal_WithNoColor_GetsTheTableWithoutColours()
    {
        await using var node = await CtlNode.StartAsync();
        await ApplyAsync(node, "tiny");
        await using WatchRun watch = new(node.Address, screen: (60, 10), noColor: "1", "list", "flavors", "--watch");

        await watch.Out.WaitForAsync("KEY   REVISION  VCPUS\e[K\ntiny ");
        Assert.Equal(ExitCode.Ok, await watch.InterruptAsync());

        Assert.DoesNotMatch(@"\e\[[0-9;]*m", watch.Out.Text);
    }

    [Fact]
    public async Task Pipe_GetsLinesAsOfWatch_WithoutEscapes()
    {
        await using var node = await CtlNode.StartAsync();
        await using WatchRun watch = new(node, "list", "flavors", "--watch");
        await watch.Error.WaitForAsync("0 objects at revision");

        await ApplyAsync(node, "tiny");
        await watch.Out.WaitForAsync("added    Flavor tiny");

        Assert.DoesNotContain('\e', watch.Out.Text);
    }

    [Fact]
    public async Task Table_IsDrawnAtTicks_WithWholeViewsOnly_AndAgainInAnotherSize()
    {
        var size = (60, 10);
        await using LineLog output = new();
        Terminal terminal = new(output, isTerminal: true, hasColour: false, () => size);
        using NodeConnection node = new(new Uri("http://127.0.0.1:1"), TimeSpan.FromSeconds(1));
        CommandContext context = new(new(() => node), KnownTypes.Edge, OutputFormat.Table, terminal, terminal, TextReader.Null)
        {
            CanAsk = false,
            Variable = _ => null,
        };
        TickingTime time = new();
        using WatchTable table = new(context, time);
        Show("one");
        time.Tick();
        Assert.Empty(output.Text); // The first view has not ended.

        table.EndView(new MirrorPosition { StoredRevision = 1 }, isInitial: true, count: 1);
        Show("two"); // Of an epoch that goes on.
        await table.FlushAsync();
        Assert.Empty(output.Text); // Many views may end between two ticks.
        time.Tick();
        Assert.Contains("revision 1  1 object ", output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("two", output.Text, StringComparison.Ordinal);

        Show("three");
        time.Tick();
        Assert.Single(Frames());

        table.EndView(new MirrorPosition { StoredRevision = 2 }, isInitial: false, count: 3);
        time.Tick();
        Assert.Equal(2, Frames().Length);
        Assert.Contains("revision 2  3 objects ", Frames()[1], StringComparison.Ordinal);

        size = (60, 3);
        time.Tick();
        Assert.Equal(3, Frames().Length);
        Assert.Contains("... 3 more lines", Frames()[2], StringComparison.Ordinal);

        string[] Frames() => output.Text.Split("\e[H")[1..];

        void Show(string name)
        {
            var type = KnownTypes.Edge.Get("Flavor");
            var envelope = type.Compiled.Describe(new Flavor { Key = new FlavorKey { Name = name } });
            ObjectView view = new() { Key = envelope.Id.Key, Value = new Any { TypeUrl = "type.googleapis.com/" + type.Name, Value = envelope.Value }, Revision = 1 };
            table.Show(new WatchedChange(WatchedChangeKind.Added, envelope.Id, type, 1, view, IsInitial: false));
        }
    }

    [Theory]
    [InlineData("--min-revision", "3")]
    [InlineData("--revisions")]
    public async Task Watch_WithWhatItCannotDo_IsWrongUsage(params string[] options)
    {
        var run = await CtlRun.StartAsync(["list", "flavors", "--watch", .. options]);

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("--watch goes with neither", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abcdef", 4, "abcd")]
    [InlineData("\e[36mabcdef\e[0m", 4, "\e[36mabcd\e[0m")]
    [InlineData("ab", 4, "ab")]
    public void Cut_CountsWhatIsVisible(string line, int width, string expected) => Assert.Equal(expected, ScreenText.Cut(line, width));

    private static string Visible(string line) => System.Text.RegularExpressions.Regex.Replace(line, @"\e\[[0-9;?]*[A-Za-z]", "");

    private static Task<CtlRun> ApplyAsync(CtlNode node, string name) =>
        CtlRun.StartAsync(["apply", "-f", "-", "--address", node.Address], $"type: Flavor\nobject: {{key: {{name: {name}}}, vcpus: 1}}\n");
}
