using System.Diagnostics;

namespace Notify.Harness.Demo.Processes;

/// <summary>A host that runs as a process of its own: it can be killed, stopped, continued and started again. Thread safe.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const string Announcement = "listening grpc=";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(3);

    private readonly HostProgram _program;
    private readonly IReadOnlyList<string> _arguments;
    private readonly Undertaker _undertaker;
    private volatile Process? _process;
    private volatile Uri? _address;

    public NodeProcess(HostProgram program, string name, IReadOnlyList<string> arguments, Undertaker undertaker)
    {
        (_program, Name, _arguments, _undertaker) = (program, name, arguments, undertaker);
    }

    /// <summary>The node's name.</summary>
    public string Name { get; }

    /// <summary>What the process wrote last.</summary>
    public OutputTail Output { get; } = new(linesMax: 200);

    /// <summary>Where the running process listens.</summary>
    /// <exception cref="InvalidOperationException">It was never started.</exception>
    public Uri Address => _address ?? throw new InvalidOperationException($"{Name} was not started.");

    /// <summary>The number of the process started last.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Whether the process started last is still there; a stopped one is.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts the process again, where it listened before: others find it there.</summary>
    /// <exception cref="CheckFailedException">It ended instead, or said nothing in time; the message has what it wrote.</exception>
    public Task RestartAsync(CancellationToken cancellationToken) => StartAsync(["--listen", Address.Authority], cancellationToken);

    /// <summary>Starts the process and waits until it says where it listens.</summary>
    /// <exception cref="CheckFailedException">It ended instead, or said nothing in time; the message has what it wrote.</exception>
    public Task StartAsync(CancellationToken cancellationToken) => StartAsync(["--listen", "127.0.0.1:0"], cancellationToken);

    private async Task StartAsync(string[] listen, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(HostProgram.Dotnet)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(_program.Assembly);
        foreach (var argument in (string[])["--name", Name, .. listen, .. _arguments])
            start.ArgumentList.Add(argument);
        // Four servers on one small machine: each needs a heap that knows that it is not alone.
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => OnLine(line.Data, listening);
        process.ErrorDataReceived += (_, line) => OnLine(line.Data, listening: null);
        process.Exited += (_, _) => listening.TrySetException(new CheckFailedException($"{Name} ended before it listened"));
        process.Start();
        _undertaker.Add(process.Id);
        var former = _process;
        _process = process;
        former?.Dispose();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            _address = await listening.Task.WaitAsync(StartPatience, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or CheckFailedException)
        {
            throw new CheckFailedException($"{Name} did not start: {string.Join(" | ", Output.Lines.TakeLast(5))}", e);
        }
    }

    /// <summary>Ends the process at once, as a crash would, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        Signal.Send(process.Id, Signal.Kill);
        await process.WaitForExitAsync();
        _undertaker.Remove(process.Id);
    }

    /// <summary>Asks the process to stop and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="CheckFailedException">It took longer than the limit.</exception>
    public async Task<int> StopAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var process = _process ?? throw new InvalidOperationException($"{Name} was not started.");
        Signal.Send(process.Id, Signal.Terminate);
        try
        {
            await process.WaitForExitAsync(cancellationToken).WaitAsync(limit, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new CheckFailedException($"{Name} did not stop within {limit.TotalSeconds} s", e);
        }

        _undertaker.Remove(process.Id);
        return process.ExitCode;
    }

    /// <summary>Freezes the process: its connections stay open and say nothing.</summary>
    public void Freeze() => Signal.Send(ProcessId, Signal.Stop);

    /// <summary>Lets a frozen process go on.</summary>
    public void Thaw() => Signal.Send(ProcessId, Signal.Continue);

    /// <summary>Asks the process to stop, and kills it if it takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not { } process)
            return;
        if (!process.HasExited)
        {
            Signal.Send(process.Id, Signal.Continue);
            Signal.Send(process.Id, Signal.Terminate);
            try
            {
                await process.WaitForExitAsync().WaitAsync(StopPatience);
            }
            catch (TimeoutException)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
            }
        }

        _undertaker.Remove(process.Id);
        process.Dispose();
        _process = null;
    }

    private void OnLine(string? line, TaskCompletionSource<Uri>? listening)
    {
        if (line is null)
            return;
        Output.Add(line);
        if (listening is not null && line.StartsWith(Announcement, StringComparison.Ordinal))
            listening.TrySetResult(new Uri("http://" + line[Announcement.Length..].Trim()));
    }
}
