using System.Diagnostics;
using System.Reflection;

namespace Notify.Packages.Tests;

/// <summary>The packages of this source, packed once for all tests, and projects over them in a clean folder.</summary>
public sealed class Packages : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notify-packages-");

    public static string Root { get; } = typeof(Packages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryRoot").Value!;

    /// <summary>Where the packages are.</summary>
    public string Feed => Path.Combine(_directory.FullName, "feed");

    /// <summary>Of this run alone: no package folder has it, so that what is used is what was packed.</summary>
    public string Version { get; } = $"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}.{Environment.ProcessId}";

    public async Task InitializeAsync()
    {
        foreach (var name in new[] { "Core", "Client", "Server", "Storage", "Generator" })
        {
            await DotnetAsync(
                Root, "pack", $"src/Notify.{name}", "-c", "Release", "-o", Feed, "-p:ContinuousIntegrationBuild=true", $"-p:Version={Version}",
                $"-p:BaseOutputPath={_directory.FullName}/bin/", "-nologo", "-v", "q");
        }
    }

    public Task DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>A new folder outside the repository whose projects find the packages.</summary>
    public string CleanFolder(string name)
    {
        var folder = Path.Combine(_directory.FullName, name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{_directory.FullName}/packages" /></config>
              <fallbackPackageFolders><add key="machine" value="{MachinePackages()}" /></fallbackPackageFolders>
              <packageSources><add key="notify-test" value="{Feed}" /></packageSources>
            </configuration>
            """);
        return folder;
    }

    /// <summary>Runs dotnet in a folder and gives what it wrote; fails where it fails.</summary>
    public static async Task<string> DotnetAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };

        // Of the test run's own SDK process; a build below it is none of its nodes. A package folder that is named there would overrule the clean one's.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        if (folder != Root)
            start.Environment.Remove("NUGET_PACKAGES");
        using var process = Process.Start(start)!; // Null is for shells.
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} failed:\n{await output}\n{errors}");
        return await output;
    }

    // What the build of this repository has restored; nothing is fetched again.
    private static string MachinePackages() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
