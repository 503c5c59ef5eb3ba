namespace Notify.Ctl.Output;

/// <summary>One line of a terminal that is drawn over and goes away at the end; elsewhere nothing. Dispose it.</summary>
internal sealed class LiveLine(Terminal terminal) : IDisposable
{
    private bool _isShown;

    public void Show(string text)
    {
        if (!terminal.IsTerminal)
            return;
        _isShown = true;
        terminal.Writer.Write($"\r{ScreenText.Cut(text, terminal.Size().Width - 1)}\e[K");
        terminal.Writer.Flush();
    }

    public void Dispose()
    {
        if (!_isShown)
            return;
        _isShown = false;
        terminal.Writer.Write("\r\e[K");
        terminal.Writer.Flush();
    }
}
