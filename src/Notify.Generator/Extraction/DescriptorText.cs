using Google.Protobuf;
using Notify.Core.Schemas;

namespace Notify.Generator.Extraction;

/// <summary>
/// The text by which <c>Notify.Generator.targets</c> hands over a descriptor set: a line <c>file|name|access|path</c> per file of the
/// project, then the set in base64.
/// </summary>
/// <param name="Files">The project's own files.</param>
/// <param name="Base64">The descriptor set of these and all they import.</param>
internal sealed record DescriptorText(EquatableArray<OwnFile> Files, string Base64)
{
    /// <summary>How the name of the text file ends.</summary>
    public const string FileSuffix = "notify.descriptors.txt";

    /// <summary>Splits the text; whether the set is readable shows later.</summary>
    public static DescriptorText Parse(string text)
    {
        var lines = text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var files = lines.Where(IsFile).Select(line => line.Split(['|'], 4))
            .Where(parts => parts.Length == 4)
            .Select(parts => new OwnFile(parts[1], parts[2] == "Internal", parts[3]));
        return new(new(files), string.Concat(lines.Where(line => !IsFile(line))));
    }

    /// <summary>The bytes of the set.</summary>
    /// <exception cref="FormatException">The text is no base64.</exception>
    public ByteString Decode() => ByteString.FromBase64(Base64);

    private static bool IsFile(string line) => line.StartsWith("file|", StringComparison.Ordinal);
}
