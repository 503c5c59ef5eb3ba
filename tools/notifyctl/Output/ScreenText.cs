using System.Text;

namespace Notify.Ctl.Output;

/// <summary>Text for a terminal's second screen, which has a place for each line.</summary>
internal static class ScreenText
{
    /// <summary>Shows the second screen, and no cursor.</summary>
    public const string Enter = "\e[?1049h\e[?25l";

    /// <summary>Brings back what was there before.</summary>
    public const string Leave = "\e[?25h\e[?1049l";

    /// <summary>Draws the lines over what is there. Without clearing first, so that it does not flicker.</summary>
    public static string Frame(IReadOnlyList<string> lines, int width, int height)
    {
        StringBuilder frame = new("\e[H");
        var shown = lines.Count <= height ? lines.Count : height - 1;
        for (var i = 0; i < shown; i++)
            frame.Append(i > 0 ? "\n" : "").Append(Cut(lines[i], width)).Append("\e[K");
        if (shown < lines.Count)
            frame.Append('\n').Append(Cut($"... {lines.Count - shown} more lines", width)).Append("\e[K");
        return frame.Append("\e[J").ToString();
    }

    /// <summary>At most so many visible characters; a longer line would take two places.</summary>
    public static string Cut(string line, int width)
    {
        StringBuilder cut = new();
        for (int i = 0, visible = 0; i < line.Length; i++)
        {
            if (line[i] == '\e' && line.IndexOf('m', i) is > 0 and var end)
            {
                cut.Append(line.AsSpan(i, end - i + 1)); // Colours are the only sequences here, and go on to the last.
                i = end;
            }
            else if (visible < width)
            {
                cut.Append(line[i]);
                visible++;
            }
        }
        return cut.ToString();
    }
}
