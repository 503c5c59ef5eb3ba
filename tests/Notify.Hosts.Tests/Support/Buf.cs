using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Notify.Hosts.Tests.Support;

/// <summary>The command <c>buf</c>, a gRPC client that knows of our services only what a server tells it.</summary>
internal static class Buf
{
    /// <summary>Runs <c>buf curl</c> and gives its exit code and what it printed.</summary>
    public static async Task<(int Code, string Out, string Error)> CurlAsync(HostProcess host, string path, params IEnumerable<string> arguments)
    {
        var root = typeof(Buf).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "RepositoryRoot").Value!; // The project sets it.
        var modules = Path.Combine(root, "tests", "foreign", "node_modules");
        if (!File.Exists(Path.Combine(modules, ".done")))
        {
            throw new InvalidOperationException("The node packages of tests/foreign are not installed. Run tools/lib/setup-foreign once; tools/test does so by itself.");
        }

        string[] curl = ["curl", "--protocol", "grpc", "--http2-prior-knowledge", .. arguments, $"http://{host.Address}{path}"];
        var platform = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "buf-linux-aarch64" : "buf-linux-x64";
        var start = new ProcessStartInfo(Path.Combine(modules, "@bufbuild", platform, "bin", "buf"), curl) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!; // Null only where a shell reuses a process.
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Eventually.Patience);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>As <see cref="CurlAsync"/>, for a run that has to succeed: the lines of its output.</summary>
    public static async Task<IReadOnlyList<string>> LinesAsync(HostProcess host, string path, params IEnumerable<string> arguments)
    {
        var (code, output, error) = await CurlAsync(host, path, arguments);
        Assert.True(code == 0, $"buf curl {path} ended with {code}: {error}");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
