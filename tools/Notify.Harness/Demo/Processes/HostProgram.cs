namespace Notify.Harness.Demo.Processes;

/// <summary>A built host of the repository, and how to run it.</summary>
/// <param name="Assembly">Path of its assembly.</param>
internal sealed record HostProgram(string Assembly)
{
    /// <summary>The host of a project under <c>src</c>, in the configuration that this program was built in.</summary>
    /// <exception cref="FileNotFoundException">It is not built; the message says how to.</exception>
    public static HostProgram Find(string repository, string project)
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = framework.Parent!.Name;
        var path = Path.Combine(repository, "src", project, "bin", configuration, framework.Name, project + ".dll");
        return File.Exists(path)
            ? new HostProgram(path)
            : throw new FileNotFoundException($"{project} is not built: no {path}. Build it with: dotnet build -c {configuration} src/{project}");
    }

    /// <summary>The folder with Notify.sln, above this program.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static string FindRepository()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Notify.sln")))
                return at.FullName;
        }

        throw new DirectoryNotFoundException("Notify.sln is in no folder above " + AppContext.BaseDirectory);
    }

    /// <summary>The dotnet command that runs this program, so that hosts run on the same runtime.</summary>
    public static string Dotnet { get; } =
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");
}
