using System.Collections.Frozen;

namespace Notify.Ctl.Types;

/// <summary>What types are called on the command line besides their names.</summary>
internal static class TypeNames
{
    // The first letters of the words; one more where another type has them.
    private static readonly FrozenDictionary<string, string> Abbreviations = new Dictionary<string, string>
    {
        ["edge.v1.Alert"] = "al",
        ["edge.v1.App"] = "ap",
        ["edge.v1.AppInst"] = "ai",
        ["edge.v1.AppInstInfo"] = "aii",
        ["edge.v1.Cloudlet"] = "cl",
        ["edge.v1.CloudletInfo"] = "cli",
        ["edge.v1.ClusterInst"] = "ci",
        ["edge.v1.ClusterInstInfo"] = "cii",
        ["edge.v1.Flavor"] = "fl",
        ["edge.v1.GPUDriver"] = "gd",
        ["edge.v1.Node"] = "no",
        ["edge.v1.Settings"] = "set",
        ["edge.v1.VMPool"] = "vp",
        ["edge.v1.VMPoolInfo"] = "vpi",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A few letters, or null for a type that has none.</summary>
    public static string? Abbreviate(string fullName) => Abbreviations.GetValueOrDefault(fullName);

    /// <summary>The plural in small letters: <c>appinsts</c>.</summary>
    public static string Pluralize(string shortName)
    {
        var name = shortName.ToLowerInvariant();
        return name switch
        {
            _ when name.EndsWith('s') => name, // Settings is one already.
            [.., not ('a' or 'e' or 'i' or 'o' or 'u'), 'y'] => name[..^1] + "ies",
            _ => name + "s",
        };
    }
}
