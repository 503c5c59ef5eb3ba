using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using Google.Protobuf;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Notify.Generator.Tests.Support;

/// <summary>A project of proto files, built as Notify.Generator.targets and the compiler build it: by protoc, the generator and Roslyn.</summary>
internal sealed class ProtoProject
{
    private readonly List<string> _csharp = [];
    private readonly string _text;

    /// <summary>Runs protoc over files given by name and text.</summary>
    public ProtoProject(params (string Name, string Text)[] files)
    {
        var folder = Directory.CreateTempSubdirectory("notify-protos-");
        try
        {
            var output = folder.CreateSubdirectory("out").FullName;
            foreach (var (name, text) in files)
            {
                File.WriteAllText(Path.Combine(folder.FullName, name), text);
            }

            var set = Path.Combine(output, "set.binpb");
            Protoc(
            [
                $"-I{folder.FullName}", $"-I{Repository.Path("protos")}", $"-I{Repository.Metadata("ProtocIncludes")}", "--include_imports",
                "--include_source_info", $"--descriptor_set_out={set}", $"--csharp_out={output}", .. files.Select(file => file.Name),
            ]);
            Set = ByteString.CopyFrom(File.ReadAllBytes(set));
            _csharp.AddRange(Directory.GetFiles(output, "*.cs").Order(StringComparer.Ordinal).Select(File.ReadAllText));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        _text = string.Join('\n', [.. files.Select(file => $"file|{file.Name}|Public|/project/protos/{file.Name}"), Set.ToBase64()]);
    }

    /// <summary>The descriptor set.</summary>
    public ByteString Set { get; }

    /// <summary>What the generator makes of it.</summary>
    public GeneratorRun Run() => GeneratorRun.OfText(_text);

    /// <summary>The assembly, with whatever code the user writes, in a load context of its own.</summary>
    public Assembly Compile(params string[] code)
    {
        var run = Run();
        Assert.DoesNotContain(run.Diagnostics, problem => problem.Severity == DiagnosticSeverity.Error);
        const string Usings = "global using System; global using System.Linq; global using System.Collections.Generic; global using System.Threading;";
        var compilation = CSharpCompilation.Create(
            $"Project{Guid.NewGuid():N}",
            [.. _csharp.Concat(run.Sources.Values).Concat(code).Append(Usings).Select(text => CSharpSyntaxTree.ParseText(text))],
            [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))],
            new(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics));
        image.Position = 0;
        return new AssemblyLoadContext(name: null).LoadFromStream(image);
    }

    private static void Protoc(IEnumerable<string> arguments)
    {
        using var protoc = Process.Start(new ProcessStartInfo(Repository.Metadata("Protoc"), arguments) { RedirectStandardError = true })!;
        var errors = protoc.StandardError.ReadToEnd();
        protoc.WaitForExit();
        Assert.True(protoc.ExitCode == 0, errors);
    }
}
