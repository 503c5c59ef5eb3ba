using System.Diagnostics;

namespace Notify.Packages.Tests;

/// <summary>Programs that a test runs. None outlives it, and none is waited for longer than a minute.</summary>
internal sealed class Programs : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<Process> _started = [];

    public Process Start(string folder, params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, WorkingDirectory = folder })!; // Null is for shells.
        _started.Add(process);
        return process;
    }

    /// <summary>Runs one that ends by itself, with code 0.</summary>
    public async Task RunAsync(string folder, params string[] arguments)
    {
        var process = Start(folder, arguments);
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>The rest of the next line that has a text.</summary>
    public static async Task<string> LineAsync(Process process, string after)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.IndexOf(after, StringComparison.Ordinal) is >= 0 and var at)
                return line[(at + after.Length)..];
        }

        throw new InvalidOperationException($"The program ended without saying '{after}'.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started)
        {
            process.Kill(entireProcessTree: true); // Does nothing where it has ended.
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
