using System.Text;
using Spectre.Console;

namespace Notify.Harness.Demo.View;

/// <summary>One line of the screen, put together from left to right and never wider than it may be.</summary>
internal sealed class ScreenLine(int columns)
{
    private readonly StringBuilder _markup = new();

    /// <summary>How many columns are used.</summary>
    public int Width { get; private set; }

    /// <summary>Adds text; what does not fit is cut off, with an ellipsis.</summary>
    /// <param name="width">At least so many columns; 0: as many as the text has. Negative: at the right of that many.</param>
    /// <param name="style">A style of the markup language; empty for none.</param>
    public ScreenLine Add(string text, int width = 0, string style = "")
    {
        var room = Math.Min(columns - Width, width == 0 ? int.MaxValue : Math.Abs(width));
        if (room <= 0)
            return this;
        if (text.Length > room)
            text = text[..(room - 1)] + "…";
        text = width < 0 ? text.PadLeft(room) : width > 0 ? text.PadRight(room) : text;
        Width += text.Length;
        _markup.Append(style.Length == 0 ? Markup.Escape(text) : $"[{style}]{Markup.Escape(text)}[/]");
        return this;
    }

    /// <summary>Adds another line at a column.</summary>
    public ScreenLine Beside(ScreenLine other, int column)
    {
        Add("", column - Width);
        _markup.Append(other._markup);
        Width += other.Width;
        return this;
    }

    /// <summary>The line for the console.</summary>
    public Markup ToMarkup() => new(_markup.Length == 0 ? " " : _markup.ToString()) { Overflow = Overflow.Crop };
}
