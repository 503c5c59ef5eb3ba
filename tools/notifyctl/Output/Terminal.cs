using Spectre.Console;

namespace Notify.Ctl.Output;

/// <summary>Where text goes: a terminal, with colours unless NO_COLOR is set, or a file or pipe, which get plain text.</summary>
/// <param name="writer">Takes the text.</param>
/// <param name="isTerminal">It goes to a terminal.</param>
/// <param name="hasColour">Colours are welcome there.</param>
/// <param name="size">Its size in characters, now.</param>
internal sealed class Terminal(TextWriter writer, bool isTerminal, bool hasColour, Func<(int Width, int Height)> size)
{
    public bool IsTerminal => isTerminal;

    public bool HasColour => isTerminal && hasColour;

    public TextWriter Writer => writer;

    public (int Width, int Height) Size() => size();

    /// <summary>The same kind of terminal, collecting its text elsewhere.</summary>
    public Terminal To(TextWriter other) => new(other, isTerminal, hasColour, size);

    public void Line(string text = "") => writer.WriteLine(text);

    public string Paint(string text, Ink ink) => HasColour ? $"\e[{(int)ink}m{text}\e[0m" : text;

    /// <summary>For what moves; only in a terminal.</summary>
    public IAnsiConsole CreateConsole() => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        ColorSystem = HasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.Yes,
        Out = new AnsiConsoleOutput(writer),
    });
}
