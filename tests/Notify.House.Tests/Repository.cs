using System.Xml.Linq;

namespace Notify.House.Tests;

/// <summary>The files of the repository as they lie on disk.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every project under a folder: its name and its file.</summary>
    public static IEnumerable<(string Name, XDocument Project)> Projects(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories)
            .Where(path => !IsOutput(path))
            .Select(path => (Path.GetFileNameWithoutExtension(path), XDocument.Load(path)));

    /// <summary>Source files under a folder, with their text.</summary>
    public static IEnumerable<(string Path, string Text)> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !IsOutput(path))
            .Select(path => (Path.GetRelativePath(Root, path), File.ReadAllText(path)));

    public static IEnumerable<string> Includes(XDocument project, string element) =>
        project.Descendants(element).Select(item => (string?)item.Attribute("Include")).OfType<string>();

    private static bool IsOutput(string path) =>
        path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Notify.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("Notify.sln is not above the test's folder.");
    }
}
