using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Notify.Transport.Tests;

/// <summary>A process of gRPC software that is not ours, from tests/foreign.</summary>
internal sealed class ForeignProcess : IAsyncDisposable
{
    // Debian's interpreter by its path: the one on PATH may be another, without Debian's modules.
    private const string Python = "/usr/bin/python3";

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private ForeignProcess(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
                _errors.AppendLine(line.Data);
        };
        _process.Start();
        _process.BeginErrorReadLine();
    }

    private static string Folder { get; } = FindFolder();

    /// <summary>Starts a node script that serves, and gives its address when it listens.</summary>
    public static async Task<(ForeignProcess Process, Uri Address)> ServeWithNodeAsync(string script)
    {
        RequireNode();
        var process = new ForeignProcess("node", script);
        var line = await process.ReadLineAsync();
        return line.StartsWith("listening ", StringComparison.Ordinal)
            ? (process, new Uri("http://127.0.0.1:" + line["listening ".Length..]))
            : throw new InvalidOperationException($"{script} said '{line}'. {process.Errors}");
    }

    /// <summary>Starts a node script that prints lines of JSON for as long as it lives.</summary>
    public static ForeignProcess StartNode(string script, params string[] arguments)
    {
        RequireNode();
        return new ForeignProcess("node", [script, .. arguments]);
    }

    /// <summary>The next line that it prints.</summary>
    public async Task<string> ReadLineAsync()
    {
        if (await _process.StandardOutput.ReadLineAsync().WaitAsync(Limits.Patience) is { } line)
            return line;
        await _process.WaitForExitAsync();
        throw new InvalidOperationException($"The process ended with {_process.ExitCode} and no line. {Errors}");
    }

    /// <summary>The next line of JSON of a script that was started.</summary>
    public async Task<JsonElement> ReadJsonAsync()
    {
        using var json = JsonDocument.Parse(await ReadLineAsync());
        return json.RootElement.Clone();
    }

    /// <summary>Tells the script that its work is done.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Runs a node script to its end and gives the line of JSON that it printed.</summary>
    public static Task<JsonElement> RunNodeAsync(string script, params string[] arguments)
    {
        RequireNode();
        return RunAsync("node", [script, .. arguments]);
    }

    /// <summary>Runs a python script to its end and gives the line of JSON that it printed.</summary>
    public static async Task<JsonElement> RunPythonAsync(string script, params string[] arguments)
    {
        await using (var probe = new ForeignProcess(Python, "-c", "import grpc, google.protobuf"))
        {
            await probe._process.WaitForExitAsync().WaitAsync(Limits.Patience);
            Require(probe._process.ExitCode == 0, "python3-grpcio is not installed");
        }
        return await RunAsync(Python, [script, .. arguments]);
    }

    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<JsonElement> RunAsync(string command, string[] arguments)
    {
        await using var process = new ForeignProcess(command, arguments);
        var line = await process.ReadLineAsync();
        using var json = JsonDocument.Parse(line);
        return json.RootElement.Clone();
    }

    private static void RequireNode() =>
        Require(File.Exists(Path.Combine(Folder, "node_modules", ".done")), "The node packages of tests/foreign are not installed");

    private static void Require(bool there, string what)
    {
        if (!there)
            throw new InvalidOperationException($"{what}. Run tools/lib/setup-foreign once; tools/test does so by itself.");
    }

    private static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "foreign");
            if (Directory.Exists(candidate))
                return candidate;
        }
        throw new InvalidOperationException("tests/foreign is not above the test's folder.");
    }

    private string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }
}
