using System.Diagnostics;

namespace Notify.Ctl.Tests;

/// <summary>The program as a process of its own.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Process_AppliesAndShows_WithoutEscapeSequencesInItsOutput()
    {
        await using var node = await CtlNode.StartAsync();

        var applied = await RunAsync(node, "", "apply", "-f", Samples.Plain("app.yaml"));
        var shown = await RunAsync(node, "", "get", "App", "käferlabor/hello/1.0", "-o", "yaml");
        var again = await RunAsync(node, shown.Out, "apply", "-f", "-");

        Assert.Equal((0, ""), (applied.Code, applied.Error));
        Assert.Contains("GREETING: Grüezi", shown.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', applied.Out + shown.Out);
        Assert.StartsWith("TYPE  UNCHANGED\nApp   1\n", again.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Process_EndsWithTheExitCode()
    {
        await using var node = await CtlNode.StartAsync();

        var run = await RunAsync(node, "", "get", "Flavor", "none");

        Assert.Equal(3, run.Code);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task CommandsOfTheReadme_Succeed()
    {
        const string Start = "dotnet run --project tools/notifyctl -- ";
        await using var node = await CtlNode.StartAsync();
        var repository = Path.GetDirectoryName(Samples.Root)!; // A folder below the repository.
        var commands = (await File.ReadAllLinesAsync(Path.Combine(repository, "README.md"))).Where(line => line.StartsWith(Start, StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            var words = command[Start.Length..].Split(' ').Select(word => word.StartsWith("samples/", StringComparison.Ordinal) ? Path.Combine(repository, word) : word);
            var run = await RunAsync(node, "", [.. words]);
            Assert.True(run.Code == 0, $"{command} ended with {run.Code}: {run.Error}");
            Assert.NotEmpty(run.Out);
        }
    }

    private static async Task<(int Code, string Out, string Error)> RunAsync(CtlNode node, string input, params string[] arguments)
    {
        ProcessStartInfo start = new(CtlProgram.Dotnet)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { CtlProgram.Assembly },
            Environment = { ["NOTIFY_ADDRESS"] = node.Address },
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!; // Null only where a shell reuses a process.
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }
}
