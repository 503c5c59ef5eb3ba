using System.Globalization;
using System.Text;

namespace Notify.Generator.Emission;

/// <summary>
/// Names of generated files. They follow from what a file is for, so an edit elsewhere renames nothing; the compiler and some file systems
/// compare them without case.
/// </summary>
internal static class HintNames
{
    /// <summary>Leaves room for the folders of <c>EmitCompilerGeneratedFiles</c> where paths end at 260 characters.</summary>
    private const int LengthMax = 120;

    /// <summary>A file name for each of <paramref name="names"/>, by an id that says what it is for.</summary>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyCollection<(string Id, string Name)> names)
    {
        var shared = new HashSet<string>(
            names.GroupBy(item => Plain(item.Name), StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1).Select(group => group.Key),
            StringComparer.OrdinalIgnoreCase);

        // Each of them is marked, whichever came first, and by what it is itself.
        return names.ToDictionary(item => item.Id, item => NameOf(item.Id, item.Name, shared) + ".g.cs", StringComparer.Ordinal);
    }

    private static string NameOf(string id, string name, HashSet<string> shared)
    {
        var plain = Plain(name);
        return plain == name && !shared.Contains(plain) ? plain : $"{plain}-{Mark(id)}";
    }

    private static string Plain(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            text.Append(c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '.' or '_' ? c : '_');
        }

        return text.ToString(0, Math.Min(text.Length, LengthMax));
    }

    /// <summary>FNV-1a: the same in every process.</summary>
    private static string Mark(string id) =>
        id.Aggregate(2166136261u, (hash, c) => unchecked((hash ^ c) * 16777619u)).ToString("x8", CultureInfo.InvariantCulture);
}
