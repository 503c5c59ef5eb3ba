using System.Diagnostics;
using System.Globalization;
using Notify.Simulation.Running;

namespace Notify.SimulationTests;

public sealed class DeterminismTests
{
    private const int FirstSeed = 11;
    private const int Seeds = 4;

    [Fact]
    public async Task Seed_InTwoProcesses_GivesTheSameTrace()
    {
        var here = new SeedRun(FirstSeed, Seeds).Run().Results
            .Select(result => $"{result.Seed} {result.TraceHash.ToString("x16", CultureInfo.InvariantCulture)}")
            .ToArray();

        // Strings hash differently in each process, so what depends on that shows.
        Assert.Equal(here, await HashesOfAnotherProcessAsync());
        Assert.Equal(Seeds, here.Select(line => line.Split(' ')[1]).Distinct().Count());
    }

    private static async Task<string[]> HashesOfAnotherProcessAsync()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Notify.Sim.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--seeds", $"{Seeds}", "--first-seed", $"{FirstSeed}", "--hash"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return [.. output.Split('\n').Take(Seeds)];
    }
}
