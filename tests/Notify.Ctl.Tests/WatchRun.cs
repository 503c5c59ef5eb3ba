using Notify.Ctl.CommandLine;

namespace Notify.Ctl.Tests;

/// <summary>A run that goes on until it is interrupted.</summary>
internal sealed class WatchRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _interrupt = new();
    private readonly Task<int> _run;

    public WatchRun(CtlNode node, params string[] arguments)
        : this(node, screen: null, arguments)
    {
    }

    /// <param name="node">The node to watch.</param>
    /// <param name="screen">Size of the terminal that it writes to; null for a pipe.</param>
    /// <param name="arguments">The command line.</param>
    public WatchRun(CtlNode node, (int Width, int Height)? screen, params string[] arguments)
        : this(node.Address, screen, noColor: null, arguments)
    {
    }

    /// <param name="address">Of the node.</param>
    /// <param name="screen">Size of the terminal that it writes to; null for a pipe.</param>
    /// <param name="noColor">The variable NO_COLOR.</param>
    /// <param name="arguments">The command line.</param>
    public WatchRun(string address, (int Width, int Height)? screen, string? noColor, params string[] arguments)
    {
        CtlEnvironment environment = new(TextReader.Null, Out, Error, name => name == "NO_COLOR" ? noColor : null)
        {
            OutIsTerminal = screen is not null,
            Size = () => screen ?? (80, 24),
        };
        _run = NotifyCtl.RunAsync([.. arguments, "--address", address], environment, _interrupt.Token);
    }

    public LineLog Out { get; } = new();

    public LineLog Error { get; } = new();

    public async Task<ExitCode> EndAsync() => (ExitCode)await _run.WaitAsync(TimeSpan.FromSeconds(30));

    public async Task<ExitCode> InterruptAsync()
    {
        await _interrupt.CancelAsync();
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await InterruptAsync();
        _interrupt.Dispose();
        await Out.DisposeAsync();
        await Error.DisposeAsync();
    }
}
