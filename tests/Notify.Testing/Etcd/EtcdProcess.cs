using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Notify.Harness.Demo.Processes;

namespace Notify.Testing.Etcd;

/// <summary>
/// A real etcd as a process of its own, on free ports, in a temporary folder. It can be killed, frozen and started again. Disposing kills it and
/// deletes the folder.
/// </summary>
public sealed class EtcdProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly Undertaker s_undertaker = new();

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("notify-etcd-");
    private readonly List<string> _arguments;
    private Process? _process;

    /// <summary>Prepares a member that is a cluster of its own.</summary>
    /// <param name="name">Its name in the cluster.</param>
    /// <param name="arguments">Further arguments for etcd.</param>
    public EtcdProcess(string name = "etcd", params IEnumerable<string> arguments)
    {
        Name = name;
        _arguments = [.. arguments];
        var scheme = _arguments.Contains("--cert-file") ? "https" : "http";
        var (client, peer) = FreePorts();
        Address = new Uri($"{scheme}://127.0.0.1:{client}");
        PeerAddress = new Uri($"http://127.0.0.1:{peer}");
        Cluster = [this];
    }

    /// <summary>Its name in the cluster.</summary>
    public string Name { get; }

    /// <summary>Where it serves clients.</summary>
    public Uri Address { get; }

    /// <summary>Where it serves other members.</summary>
    public Uri PeerAddress { get; }

    /// <summary>What it has written, by line.</summary>
    public IReadOnlyCollection<string> Log => _log;

    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _log = new();

    private IReadOnlyList<EtcdProcess> Cluster { get; set; }

    /// <summary>Starts a member that is a cluster of its own.</summary>
    public static async Task<EtcdProcess> StartAsync(params string[] arguments)
    {
        var etcd = new EtcdProcess("etcd", arguments);
        await etcd.StartAsync();
        return etcd;
    }

    /// <summary>Starts a cluster of several members.</summary>
    public static async Task<IReadOnlyList<EtcdProcess>> StartClusterAsync(int members)
    {
        var cluster = Enumerable.Range(1, members).Select(number => new EtcdProcess($"etcd-{number}")).ToList();
        cluster.ForEach(member => member.Cluster = cluster);
        await Task.WhenAll(cluster.Select(member => member.StartAsync()));
        return cluster;
    }

    /// <summary>Starts it, or starts it again with what it had, and waits until it serves.</summary>
    public async Task StartAsync()
    {
        string[] command =
        [
            "--name", Name, "--data-dir", Path.Combine(_folder.FullName, "data"),
            "--listen-client-urls", Text(Address), "--advertise-client-urls", Text(Address),
            "--listen-peer-urls", Text(PeerAddress), "--initial-advertise-peer-urls", Text(PeerAddress),
            "--initial-cluster", string.Join(',', Cluster.Select(member => $"{member.Name}={Text(member.PeerAddress)}")),

            // Far below the defaults, so that it starts at once; far above what a busy machine holds up.
            "--heartbeat-interval", "50", "--election-timeout", "500",
            .. _arguments,
        ];
        var serving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = new ProcessStartInfo(PathOf("etcd"), command) { RedirectStandardOutput = true, RedirectStandardError = true } };
        _process.OutputDataReceived += (_, line) => Take(line.Data, serving);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, serving);
        _process.Start();
        s_undertaker.Add(_process.Id);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(serving.Task, ended).WaitAsync(s_patience) == ended)
        {
            throw new InvalidOperationException($"etcd ended with {_process.ExitCode} before it served:\n{string.Join('\n', _log)}");
        }
    }

    /// <summary>Writes a backup to a file.</summary>
    public Task BackUpAsync(string file) => CtlAsync("snapshot", "save", file);

    /// <summary>Replaces everything by a backup, as an operator does, and starts it.</summary>
    /// <param name="file">The backup.</param>
    /// <param name="token">etcd derives the cluster's id from this, the names and the addresses.</param>
    public async Task RestoreAsync(string file, string token)
    {
        await KillAsync();
        var data = Path.Combine(_folder.FullName, "data");
        Directory.Delete(data, recursive: true);
        await CtlAsync(
            "snapshot", "restore", file, "--data-dir", data, "--name", Name, "--initial-cluster-token", token,
            "--initial-cluster", $"{Name}={Text(PeerAddress)}", "--initial-advertise-peer-urls", Text(PeerAddress));
        _arguments.AddRange(["--initial-cluster-token", token]);
        await StartAsync();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            s_undertaker.Remove(process.Id);
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>SIGSTOP: its connections stay open and say nothing.</summary>
    public void Freeze() => Signal("STOP");

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signal("CONT");

    /// <summary>Runs etcdctl against this member; what it printed, without the last line's end.</summary>
    public async Task<string> CtlAsync(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(PathOf("etcdctl"), ["--endpoints", Text(Address), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ETCDCTL_API"] = "3";
        using var ctl = Process.Start(start)!; // Null only where a shell reuses a process.
        var (output, errors) = (ctl.StandardOutput.ReadToEndAsync(), ctl.StandardError.ReadToEndAsync());
        await ctl.WaitForExitAsync().WaitAsync(s_patience);
        return ctl.ExitCode == 0
            ? (await output).TrimEnd('\n')
            : throw new InvalidOperationException($"etcdctl {string.Join(' ', arguments)} ended with {ctl.ExitCode}: {await errors}");
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
    }

    private static string Text(Uri address) => address.GetLeftPart(UriPartial.Authority);

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]); // It was started.
        kill.WaitForExit();
        if (kill.ExitCode != 0)
        {
            throw new InvalidOperationException($"kill -{signal} of etcd failed with {kill.ExitCode}.");
        }
    }

    private void Take(string? line, TaskCompletionSource serving)
    {
        if (line is null)
        {
            return;
        }

        _log.Enqueue(line);
        if (line.Contains("ready to serve client requests", StringComparison.Ordinal))
        {
            serving.TrySetResult();
        }
    }

    /// <summary>Two ports that were free a moment ago: etcd cannot be asked which ones it took.</summary>
    private static (int Client, int Peer) FreePorts()
    {
        using var client = new TcpListener(IPAddress.Loopback, 0);
        using var peer = new TcpListener(IPAddress.Loopback, 0);
        client.Start();
        peer.Start();
        return (((IPEndPoint)client.LocalEndpoint).Port, ((IPEndPoint)peer.LocalEndpoint).Port);
    }

    private static string PathOf(string program)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Notify.sln")))
            {
                var path = Path.Combine(folder.FullName, ".tools", "etcd", program);
                return File.Exists(path)
                    ? path
                    : throw new InvalidOperationException($"{path} is not there. Run tools/lib/setup-etcd once; tools/test does so by itself.");
            }
        }

        throw new InvalidOperationException("Notify.sln is not above the test's folder.");
    }
}
