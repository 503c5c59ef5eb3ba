using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Edge;
using Notify.Harness.Demo.View;
using Spectre.Console;
using NodeView = Notify.Harness.Demo.View.NodeView;

namespace Notify.Harness.Tests.Demo;

public sealed class DemoScreenTests
{
    [Theory]
    [InlineData(160, 50)]
    [InlineData(80, 24)]
    [InlineData(60, 24)]
    [InlineData(40, 20)]
    public void Render_FitsTheTerminal(int columns, int lines)
    {
        var text = Render(Model().View(), columns, lines);

        var rendered = text.TrimEnd('\n').Split('\n');
        Assert.True(rendered.Length <= lines, $"{rendered.Length} lines of {lines}:\n{text}");
        Assert.All(rendered, line => Assert.True(line.TrimEnd().Length <= columns, $"{line.Length} of {columns}: {line}"));
        Assert.Contains("controller", text, StringComparison.Ordinal);
        Assert.Contains("down", text, StringComparison.Ordinal);
        Assert.Contains("AppInst", text, StringComparison.Ordinal);
        Assert.Contains("event 99", text, StringComparison.Ordinal);
        Assert.Contains("Ctrl-C", text, StringComparison.Ordinal);
        Assert.Equal(columns > 82, text.Contains("127.0.0.1:41235", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ColorSystem.NoColors, false)]
    [InlineData(ColorSystem.Standard, true)]
    public void Frame_HasStylesOnlyWhereThereAreColours(ColorSystem colours, bool styled)
    {
        var frame = DemoFrame.Compose(Model().View(), 80, 24, colours);

        Assert.Equal(styled, Regex.IsMatch(frame, "\e\\[[0-9;]+m"));
    }

    [Theory]
    [InlineData(40, 16)]
    [InlineData(20, 5)]
    public void Frame_OfATinyTerminal_HasNoMoreLinesThanIt(int columns, int lines)
    {
        var frame = DemoFrame.Compose(Model().View(), columns, lines, ColorSystem.NoColors);

        Assert.InRange(frame.Split('\n').Length, 1, lines);
    }

    [Fact]
    public void Model_KeepsTheNewestEvents_AndForgetsALostNodesNumbers()
    {
        var model = Model();

        model.Lost("controller");
        for (var i = 0; i < 1000; i++)
            model.AddEvent($"more {i}");

        var view = model.View();
        Assert.Equal((100, "more 999"), (view.Events.Count, view.Events[0]));
        Assert.Equal(("down", 0), (view.Nodes[0].State, view.Nodes[0].Revision));
    }

    [Fact]
    public void NodeView_FromStatus_HasLagOfTheStoredSpaceAndObjectsByShortName()
    {
        NodeStatus status = new() { Name = "n", Role = "dme", Synced = true, Upstream = new() { State = UpstreamStatus.Types.State.Synced } };
        status.Spaces.Add(new SpaceStatus { Space = new Space { Kind = SpaceKind.Stored }, Revision = 7, Head = 10 });
        status.Spaces.Add(new SpaceStatus { Space = new Space { Kind = SpaceKind.Dynamic }, Revision = 99, Head = 200 });
        status.Types_.Add(new TypeStatus { Name = "edge.v1.App", Objects = 3 });

        var view = NodeView.From(status, "h:1");

        Assert.Equal(("synced", 7, 3, 3), (view.State, view.Revision, view.Lag, view.Objects["App"]));
        status.Upstream.State = UpstreamStatus.Types.State.BackingOff;
        Assert.Equal("waiting", NodeView.From(status, "h:1").State);
        status.Upstream = null;
        Assert.Equal("serving", NodeView.From(status, "h:1").State);
    }

    [Fact]
    public void EventText_SaysWhatBecameOfWhat()
    {
        AppInst instance = new() { Key = new() { Name = "i" }, Generation = 4 };

        Assert.Equal("AppInst i generation 4", EventText.Of(new() { Put = new() { Value = Any.Pack(instance) } }));
        Assert.Equal("AppInst removed", EventText.Of(new() { Removed = new() { Type = "edge.v1.AppInst" } }));
    }

    private static DemoModel Model()
    {
        DemoModel model = new(["controller", "crm-berlin", "crm-vancouver", "dme"]);
        var objects = new[] { "AppInst", "ClusterInst", "Cloudlet", "App", "VMPool", "Flavor", "GPUDriver", "Settings", "AppInstInfo", "Node", "Alert" }
            .ToDictionary(type => type, type => 1000L * type.Length);
        model.Update(new("controller", "serving", 1_234_567, 0, 3, "127.0.0.1:41234", objects));
        model.Update(new("dme", "synced", 1_234_560, 7, 0, "127.0.0.1:41235", objects));
        for (var i = 0; i < 100; i++)
            model.AddEvent($"12:00:00 event {i} with rather more text than a narrow terminal has room for in one line of it");
        return model;
    }

    private static string Render(DemoView view, int columns, int lines)
    {
        StringWriter output = new();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = columns;
        console.Profile.Height = lines;
        console.Write(DemoScreen.Render(view, columns, lines));
        return output.ToString();
    }
}
