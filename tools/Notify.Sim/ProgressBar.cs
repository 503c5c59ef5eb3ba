namespace Notify.Sim;

/// <summary>One line on standard error that redraws itself, in terminals only.</summary>
internal sealed class ProgressBar(string what)
{
    private const int Width = 30;

    private readonly Lock _lock = new();
    private readonly bool _isShown = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not ("dumb" or null);
    private readonly bool _isColored = Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
    private long _drawnAt;

    public void Show(double share, string note)
    {
        var now = Environment.TickCount64;
        if (!_isShown)
        {
            return;
        }

        lock (_lock)
        {
            if (now - _drawnAt < 100 && share < 1)
            {
                return;
            }

            _drawnAt = now;
            var filled = (int)(Math.Clamp(share, 0, 1) * Width);
            var bar = new string('#', filled) + new string('.', Width - filled);
            Console.Error.Write($"\r{what} [{(_isColored ? $"\e[32m{bar}\e[0m" : bar)}] {share:P0} {note}\e[K");
        }
    }

    public void Clear()
    {
        if (_isShown)
        {
            Console.Error.Write("\r\e[K");
        }
    }
}
