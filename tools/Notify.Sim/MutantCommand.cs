using System.Diagnostics;
using System.Text.Json;

namespace Notify.Sim;

/// <summary>
/// Proves that the checkers see: applies each patch of tests/mutations to a copy of the sources, builds it and runs seeds until one fails. The copy
/// without a patch has to pass the same seeds.
/// </summary>
internal static class MutantCommand
{
    private static readonly string[] s_copied = ["src/Notify.Core", "src/Notify.Client", "src/Notify.Storage", "tests/Notify.Simulation", "tools/Notify.Sim", "protos"];

    public static int Run(SimArguments arguments)
    {
        var root = FindRoot();
        var patches = Directory.GetFiles(Path.Combine(root, "tests/mutations"), "*.patch")
            .Where(patch => Path.GetFileName(patch).Contains(arguments.Only, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToArray();
        var copy = Directory.CreateTempSubdirectory("notify-mutants-").FullName;
        try
        {
            Copy(root, copy);
            return Judge(arguments, copy, patches);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static int Judge(SimArguments arguments, string copy, string[] patches)
    {
        var bar = new ProgressBar("mutants");
        var survivors = 0;
        Console.WriteLine($"{"mutant",-48} {"found by",-22} seeds");
        if (Build(copy) is { } broken)
        {
            Console.WriteLine($"The unpatched copy does not build: {broken}");
            return 1;
        }

        for (var i = 0; i < patches.Length; i++)
        {
            var name = Path.GetFileNameWithoutExtension(patches[i]);
            bar.Show((double)i / patches.Length, name);
            var (found, seeds) = Try(arguments, copy, patches[i]);
            bar.Clear();
            Console.WriteLine($"{name,-48} {found ?? "SURVIVES",-22} {seeds}");
            survivors += found is null ? 1 : 0;
        }

        if (Build(copy) is { } changed)
        {
            Console.WriteLine($"The copy does not build any more: {changed}");
            return 1;
        }

        var clean = Seeds(arguments, copy, out var cleanSeeds, stop: false);
        Console.WriteLine($"{"(the engine as it is)",-48} {clean ?? "holds",-22} {cleanSeeds}");
        survivors += clean is null ? 0 : 1;
        Console.WriteLine($"{patches.Length} mutants, {survivors} not found");
        return survivors == 0 && patches.Length > 0 ? 0 : 1;
    }

    private static (string? Found, string Seeds) Try(SimArguments arguments, string copy, string patch)
    {
        if (Execute(copy, "patch", ["-p1", "-s", "-f", "-i", patch]) is { Exit: not 0 } failed)
        {
            return (null, "the patch does not apply: " + failed.Output.ReplaceLineEndings(" "));
        }

        try
        {
            if (Build(copy) is { } broken)
            {
                return (null, "does not build: " + broken);
            }

            var found = Seeds(arguments, copy, out var seeds, stop: true, EraOf(patch));
            return (found, seeds);
        }
        finally
        {
            Execute(copy, "patch", ["-p1", "-s", "-f", "-R", "-i", patch]);
        }
    }

    /// <summary>
    /// The smallest worlds that have the mechanism find what is wrong with it first. A patch of one that came after stores on disks begins with a line that
    /// says in which era: "era 4".
    /// </summary>
    private static string EraOf(string patch) =>
        File.ReadLines(patch).FirstOrDefault() is { } first && first.StartsWith("era ", StringComparison.Ordinal) ? first["era ".Length..] : "2";

    /// <summary>Which checker failed first, or null when all seeds held; a crash counts as found.</summary>
    private static string? Seeds(SimArguments arguments, string copy, out string seeds, bool stop, string? era = null)
    {
        var json = Path.Combine(copy, "run.json");
        File.Delete(json);
        var (exit, output) = Execute(copy, "dotnet", [
            Path.Combine(copy, "tools/Notify.Sim/bin/Release/net10.0/Notify.Sim.dll"),
            "--seeds", $"{arguments.Seeds}", "--first-seed", $"{arguments.FirstSeed}", "--threads", $"{arguments.Threads}", "--json", json, "--shrink-seconds", "0",
            .. stop ? ["--stop"] : Array.Empty<string>(), .. era is null ? Array.Empty<string>() : ["--era", era]]);
        if (!File.Exists(json))
        {
            seeds = output.ReplaceLineEndings(" ");
            return exit == 0 ? null : "crash";
        }

        using var report = JsonDocument.Parse(File.ReadAllText(json));
        seeds = $"{report.RootElement.GetProperty("seeds").GetInt64()}";
        var violations = report.RootElement.GetProperty("violations");
        if (violations.GetArrayLength() == 0)
        {
            return null;
        }

        seeds = $"{violations[0].GetProperty("seed").GetInt64() - arguments.FirstSeed + 1}";
        return violations[0].GetProperty("checker").GetString();
    }

    private static string? Build(string copy)
    {
        var (exit, output) = Execute(copy, "dotnet", ["build", "tools/Notify.Sim", "-c", "Release", "-nologo", "-v", "quiet", "-clp:NoSummary"]);
        return exit == 0 ? null : output.ReplaceLineEndings(" ");
    }

    private static void Copy(string root, string copy)
    {
        foreach (var folder in s_copied)
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories))
            {
                var path = Path.GetRelativePath(root, file);
                if (!path.Split('/').Any(part => part is "bin" or "obj"))
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, path))!);
                    File.Copy(file, Path.Combine(copy, path));
                }
            }
        }

        // Analyzers judge style; a mutant may have none.
        foreach (var file in new[] { "Directory.Packages.props", "global.json", "BannedSymbols.txt", "tests/Directory.Build.props", "Directory.Build.props" })
        {
            var text = File.ReadAllText(Path.Combine(root, file));
            File.WriteAllText(Path.Combine(copy, file), text
                .Replace("<TreatWarningsAsErrors>true", "<TreatWarningsAsErrors>false", StringComparison.Ordinal)
                .Replace("<EnforceCodeStyleInBuild>true", "<EnforceCodeStyleInBuild>false", StringComparison.Ordinal)
                .Replace("<AnalysisLevel>latest-recommended", "<RunAnalyzers>false</RunAnalyzers><AnalysisLevel>latest", StringComparison.Ordinal));
        }
    }

    private static (int Exit, string Output) Execute(string folder, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(Directory.GetCurrentDirectory()); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Notify.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Run it inside the repository.");
    }
}
