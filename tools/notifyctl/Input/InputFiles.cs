using System.Text;
using Notify.Ctl.Types;

namespace Notify.Ctl.Input;

/// <summary>Reads everything that <c>-f</c> names.</summary>
internal sealed class InputFiles(KnownTypes types, TextReader standardInput)
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>All objects, in the order of the input, or an error that lists every mistake.</summary>
    /// <param name="paths">Files, folders, <c>-</c> for standard input.</param>
    /// <param name="consequence">What a mistake prevents, as a sentence.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CtlException">Something cannot be read or is wrong.</exception>
    public async Task<List<ObjectDocument>> ReadAsync(IEnumerable<string> paths, string consequence, CancellationToken cancellationToken)
    {
        InputProblems problems = new();
        DocumentReader reader = new(types, problems);
        foreach (var file in paths.SelectMany(FilesOf).Distinct(StringComparer.Ordinal))
        {
            try
            {
                var text = await ReadTextAsync(file, cancellationToken);
                var name = file == "-" ? "stdin" : file;
                foreach (var document in IsJson(file, text) ? JsonSource.Read(text, name) : YamlSource.Read(text, name))
                    reader.Read(document);
            }
            catch (InputSyntaxException e)
            {
                problems.Add(e.Place, e.Message);
            }
        }
        problems.ThrowIfAny(consequence);
        return reader.Documents;
    }

    private static IEnumerable<string> FilesOf(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        var files = Directory.EnumerateFiles(path)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .ToList();
        return files.Count > 0
            ? files
            : throw new CtlException(ExitCode.Usage, $"{path}: the folder has no .yaml, .yml or .json file.", "Folders in it are not searched; name them one by one.");
    }

    private async Task<string> ReadTextAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return file == "-"
                ? await standardInput.ReadToEndAsync(cancellationToken)
                : await File.ReadAllTextAsync(file, Strict, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CtlException(ExitCode.Usage, $"{file}: there is no such file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtlException(ExitCode.Usage, $"{file}: it cannot be read: {e.Message}");
        }
        catch (DecoderFallbackException)
        {
            throw new CtlException(ExitCode.Usage, $"{file}: it is not text in UTF-8.");
        }
    }

    private static bool IsJson(string file, string text)
    {
        var extension = Path.GetExtension(file);
        if (Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase))
            return extension.Equals(".json", StringComparison.OrdinalIgnoreCase);
        return text.AsSpan().TrimStart() is ['{' or '[', ..];
    }
}
