using Spectre.Console;

namespace Notify.Harness.Demo.View;

/// <summary>
/// One picture of the screen as a text for the terminal. Written from the top left corner over the last one, so that nothing flickers and a
/// window that changed its size is right with the next picture.
/// </summary>
internal static class DemoFrame
{
    public static string Compose(DemoView view, int columns, int lines, ColorSystem colours)
    {
        using StringWriter frame = new() { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            // Without colours there is no bold either: NO_COLOR means plain text.
            Ansi = colours == ColorSystem.NoColors ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = (ColorSystemSupport)colours,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(frame),
        });
        (console.Profile.Width, console.Profile.Height) = (columns, lines);
        console.Write(DemoScreen.Render(view, columns, lines));
        var rows = frame.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Take(lines);
        return "\e[H" + string.Join("\e[K\r\n", rows) + "\e[K\e[J";
    }
}
