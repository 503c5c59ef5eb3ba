using System.Text;

namespace Notify.Harness.World;

/// <summary>The sample world as files.</summary>
internal static class WorldFiles
{
    private const string Header =
        """
        # Part of the sample world. Made from zone1970.tab by tools/Notify.Harness; change WorldBuilder, not this file.

        """;

    /// <summary>The text of each file by its name, sorted by name.</summary>
    public static SortedDictionary<string, string> Render(IEnumerable<WorldObject> world)
    {
        SortedDictionary<string, StringBuilder> files = new(StringComparer.Ordinal);
        foreach (var (file, message) in world)
        {
            if (!files.TryGetValue(file, out var yaml))
                files[file] = yaml = new StringBuilder(Header);
            YamlWriter.WriteDocument(yaml, message);
        }

        return new(files.ToDictionary(f => f.Key, f => f.Value.ToString()), StringComparer.Ordinal);
    }

    /// <summary>Writes the world into a folder, made where there is none, and removes YAML files that are no longer part of it.</summary>
    public static async Task WriteAsync(IEnumerable<WorldObject> world, string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var files = Render(world);
        foreach (var stale in Directory.EnumerateFiles(folder, "*.yaml").Where(path => !files.ContainsKey(Path.GetFileName(path))))
            File.Delete(stale);
        foreach (var (name, yaml) in files)
            await File.WriteAllTextAsync(Path.Combine(folder, name), yaml, cancellationToken);
    }
}
