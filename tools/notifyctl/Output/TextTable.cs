namespace Notify.Ctl.Output;

/// <summary>Columns of text, two blanks apart. Never wraps and never cuts, so that programs can read it too.</summary>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Clean)]);

    public void Write(Terminal terminal)
    {
        var widths = headers.Select((header, column) => _rows.Select(row => row[column].Length).Append(header.Length).Max()).ToArray();
        terminal.Line(terminal.Paint(Row(headers, widths), Ink.Cyan));
        foreach (var row in _rows)
            terminal.Line(Row(row, widths));
    }

    private static string Row(string[] cells, int[] widths) =>
        string.Join("  ", cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();

    /// <summary>A cell is one line, and what others wrote into an object does not steer the reader's terminal.</summary>
    private static string Clean(string cell)
    {
        if (cell.Length == 0)
            return "-";
        return cell.Any(char.IsControl) ? string.Concat(cell.Select(c => char.IsControl(c) ? ' ' : c)) : cell;
    }
}
