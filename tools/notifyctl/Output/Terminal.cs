using Spectre.Console;

namespace Notify.Ctl.Output;

/// <summary>Where text goes: a terminal, with colours unless NO_COLOR is set, or a file or pipe, which get plain text.</summary>
internal sealed class Terminal(TextWriter writer, bool isTerminal, bool hasColour)
{
    public bool IsTerminal => isTerminal;

    public bool HasColour => isTerminal && hasColour;

    public TextWriter Writer => writer;

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
