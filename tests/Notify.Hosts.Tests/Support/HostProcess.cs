using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Notify.Client.Transport;
using Notify.Harness.Demo.Processes;

namespace Notify.Hosts.Tests.Support;

/// <summary>One program as a process, with what it writes. Disposing kills it.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly Undertaker s_undertaker = new();

    private static readonly Dictionary<string, string> s_metadata =
        typeof(HostProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(entry => entry.Key, entry => entry.Value!);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<string> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcChannel? _channel;

    private HostProcess(IEnumerable<string> before, string program, IEnumerable<string> arguments)
    {
        // A shell's background job ignores SIGINT, and so would the program below it.
        string[] command = ["--default-signal=INT", .. before, PathOf(program), .. arguments];
        var start = new ProcessStartInfo("env", command) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data, _output);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, _errors);
        _process.Start();
        s_undertaker.Add(_process.Id);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The folder of the sources.</summary>
    public static string RepositoryRoot => s_metadata["RepositoryRoot"];

    public int Id => _process.Id;

    public IReadOnlyCollection<string> Output => _output;

    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>HOST:PORT that it listens on, after <see cref="ListeningAsync"/>.</summary>
    public string Address { get; private set; } = "";

    /// <summary>Calls it, after <see cref="ListeningAsync"/>.</summary>
    public GrpcChannel Channel => _channel ??= new GrpcChannel(new Uri("http://" + Address));

    public static HostProcess Start(string program, params IEnumerable<string> arguments) => new([], program, arguments);

    /// <summary>Starts a program with variables in its environment, each as NAME=VALUE.</summary>
    public static HostProcess StartWith(IEnumerable<string> environment, string program, params IEnumerable<string> arguments) =>
        new(environment, program, arguments);

    /// <summary>Starts a program below strace, which writes its system calls to a file. Signals go to the program.</summary>
    public static HostProcess StartTraced(string file, string calls, string program, params IEnumerable<string> arguments) =>
        new(["strace", "--daemonize", "-f", "-s", "4096", "-o", file, "-e", "trace=" + calls], program, arguments);

    /// <summary>Starts a program and waits until it listens.</summary>
    public static async Task<HostProcess> StartListeningAsync(string program, params IEnumerable<string> arguments)
    {
        var host = Start(program, arguments);
        await host.ListeningAsync();
        return host;
    }

    public async Task ListeningAsync()
    {
        var exited = _process.WaitForExitAsync();
        if (await Task.WhenAny(_listening.Task, exited).WaitAsync(Eventually.Patience) != _listening.Task)
        {
            Assert.Fail($"The program ended with {_process.ExitCode} before it listened:\n{string.Join('\n', _errors)}");
        }

        Address = await _listening.Task;
    }

    /// <summary>As kill does it: TERM, KILL, STOP, CONT.</summary>
    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.True(kill.ExitCode == 0, $"kill -{signal} {Id} failed with {kill.ExitCode}.");
    }

    /// <summary>The exit code, once the process has ended and all its output was read.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Eventually.Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        s_undertaker.Remove(_process.Id);
        _process.Dispose();
    }

    /// <summary>Where the build has put a program, or a file of the sample.</summary>
    public static string PathOf(string file)
    {
        var folder = file switch
        {
            "FeatureFlags" or "FeatureFlags.binpb" => "samples/feature-flags",
            "Notify.BareHub" => "tests/" + file,
            "notifyctl" => "tools/" + file,
            _ => "src/" + file,
        };
        return Path.Combine(s_metadata["RepositoryRoot"], folder, s_metadata["ProgramOutput"], file);
    }

    private void Take(string? line, ConcurrentQueue<string> lines)
    {
        if (line is null)
        {
            return;
        }

        lines.Enqueue(line);
        if (line.StartsWith("listening grpc=", StringComparison.Ordinal))
        {
            _listening.TrySetResult(line["listening grpc=".Length..]);
        }
    }
}
