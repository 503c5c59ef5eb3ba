using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Notify.Harness.Demo.View;

/// <summary>Lays a view out for a terminal of any size; what does not fit is left out, least important first.</summary>
internal static class DemoScreen
{
    private const int NameWidth = 15;
    private const int TypeWidth = 16;
    private const int CountWidth = 11;
    private const int AddressWidth = 15;
    private const int EventWidthMin = 40;

    // The last column stays free: some terminals wrap when it is written to.
    public static IRenderable Render(DemoView view, int columns, int lines)
    {
        columns--;
        List<ScreenLine> screen = [Title(view, columns), new(columns), .. Nodes(view, columns), new(columns)];
        // A line for the hint and one for the cursor.
        var rest = lines - screen.Count - 2;
        var typesWidth = TypeWidth + (CountWidth * view.Nodes.Count) + 3;
        if (columns >= typesWidth + EventWidthMin)
        {
            var types = Types(view, typesWidth).Take(rest - 1).ToList();
            var events = Events(view, columns - typesWidth).Take(rest - 1).ToList();
            for (var i = 0; i < Math.Max(types.Count, events.Count); i++)
            {
                var line = i < types.Count ? types[i] : new ScreenLine(typesWidth);
                screen.Add(new ScreenLine(columns).Beside(line, 0).Beside(i < events.Count ? events[i] : new(1), typesWidth));
            }
        }
        else
        {
            var types = Types(view, columns).Take(Math.Max(2, (rest / 2) - 1)).ToList();
            screen.AddRange(types);
            screen.Add(new(columns));
            screen.AddRange(Events(view, columns).Take(Math.Max(2, rest - types.Count - 2)));
        }

        screen.Add(new(columns));
        screen.Add(new ScreenLine(columns).Add("Ctrl-C ends the demo and everything it started; notifyctl --address ADDRESS asks a node", style: "grey"));
        return new Rows(screen.Select(line => line.ToMarkup()));
    }

    private static ScreenLine Title(DemoView view, int columns) => new ScreenLine(columns)
        .Add("Notify", style: "bold").Add("  revision ").Add(Number(view.Nodes.Max(n => n.Revision)), style: "bold")
        .Add($", {Number(view.Changes)} changes since the world was loaded");

    private static IEnumerable<ScreenLine> Nodes(DemoView view, int columns)
    {
        yield return Row(["node", "state", "revision", "lag", "objects", "sessions"], "address", "grey", "grey");
        foreach (var node in view.Nodes)
        {
            yield return node.State == "down"
                ? Row([node.Name, node.State, "", "", "", ""], "", "red", "")
                : Row(
                    [node.Name, node.State, Number(node.Revision), Number(node.Lag), Number(node.Objects.Values.Sum()), Number(node.Sessions)],
                    node.Address,
                    node.State is "synced" or "serving" ? "green" : "yellow",
                    "");
        }

        ScreenLine Row(string[] cells, string address, string stateStyle, string style)
        {
            var line = new ScreenLine(columns).Add(cells[0], NameWidth, style).Add(cells[1], 10, stateStyle);
            foreach (var cell in cells.Skip(2))
            {
                // A number is shown whole or not at all.
                if (line.Width + 10 <= columns)
                    line.Add(cell, -10, style);
            }

            return line.Width + 2 + AddressWidth <= columns ? line.Add("  ").Add(address, AddressWidth, style) : line;
        }
    }

    private static IEnumerable<ScreenLine> Types(DemoView view, int columns)
    {
        var nodes = view.Nodes.Take(Math.Max(1, (columns - TypeWidth) / CountWidth)).ToList();
        yield return nodes.Aggregate(
            new ScreenLine(columns).Add("objects", TypeWidth, "grey"), (line, node) => line.Add(Label(node.Name), -CountWidth, "grey"));
        foreach (var type in TypeNames(view))
        {
            yield return nodes.Aggregate(
                new ScreenLine(columns).Add(type, TypeWidth),
                (line, node) => node.Objects.GetValueOrDefault(type) is > 0 and var count
                    ? line.Add(Number(count), -CountWidth)
                    : line.Add("·", -CountWidth, "grey"));
        }
    }

    private static IEnumerable<ScreenLine> Events(DemoView view, int columns) =>
        view.Events.Select(e => new ScreenLine(columns).Add(e)).Prepend(new ScreenLine(columns).Add("what happens, newest first", style: "grey"));

    private static IEnumerable<string> TypeNames(DemoView view) => view.Nodes
        .SelectMany(n => n.Objects.Where(o => o.Value > 0))
        .GroupBy(o => o.Key)
        .OrderByDescending(g => g.Max(o => o.Value))
        .ThenBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => g.Key);

    /// <summary>A node's name, short enough for the head of a column.</summary>
    private static string Label(string name) => name.StartsWith("crm-", StringComparison.Ordinal)
        ? name[4..]
        : name.Replace("controller-", "control-", StringComparison.Ordinal);

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');
}
