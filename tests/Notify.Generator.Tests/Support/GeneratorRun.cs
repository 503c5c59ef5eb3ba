using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Notify.Annotations;

namespace Notify.Generator.Tests.Support;

/// <summary>The generator at work on one project, as the compiler drives it. Each change makes another run.</summary>
internal sealed class GeneratorRun
{
    private const string TextPath = "/project/obj/notify.descriptors.txt";
    private readonly GeneratorDriver _driver;
    private readonly CSharpCompilation _compilation;
    private readonly InMemoryText? _text;

    private GeneratorRun(GeneratorDriver driver, CSharpCompilation compilation, InMemoryText? text)
    {
        (_driver, _compilation, _text) = (driver.RunGenerators(compilation), compilation, text);
        Result = _driver.GetRunResult().Results.Single();
    }

    public GeneratorRunResult Result { get; }

    public ImmutableArray<Diagnostic> Diagnostics => Result.Diagnostics;

    /// <summary>The generated files by name.</summary>
    public IReadOnlyDictionary<string, string> Sources => Result.GeneratedSources.ToDictionary(source => source.HintName, source => source.SourceText.ToString());

    /// <summary>A project whose own proto files these are.</summary>
    public static GeneratorRun Of(params SchemaFile[] files) => OfText(TextOf([.. files.Select(file => file.Proto)]));

    /// <summary>A project that compiled these proto files.</summary>
    public static GeneratorRun Of(params FileDescriptor[] files) => OfText(TextOf([.. files.Select(file => file.ToProto())], DependenciesOf(files)));

    /// <summary>A project with this text from its build, or none.</summary>
    public static GeneratorRun OfText(string? text, bool hasTargets = true)
    {
        var file = text is null ? null : new InMemoryText(TextPath, text);
        var driver = CSharpGeneratorDriver.Create(
            [new CacheGenerator().AsSourceGenerator()],
            file is null ? [] : [file],
            optionsProvider: new InMemoryOptions(hasTargets),
            driverOptions: new(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
        var compilation = CSharpCompilation.Create("Project", [CSharpSyntaxTree.ParseText("class Program;")]);
        return new(driver, compilation, file);
    }

    /// <summary>The text that the build makes of proto files and what they import.</summary>
    public static string TextOf(IReadOnlyList<FileDescriptorProto> own, IEnumerable<FileDescriptorProto>? imported = null)
    {
        var set = new FileDescriptorSet { File = { imported ?? DependenciesOf(OptionsReflection.Descriptor), own } };
        var lines = own.Select(file => $"file|{file.Name}|Public|/project/protos/{file.Name}");
        return string.Join('\n', [.. lines, set.ToByteString().ToBase64()]);
    }

    /// <summary>The next run, after an edit of the C# code.</summary>
    public GeneratorRun EditCode() => new(_driver, _compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other { int X => 1; }")), _text);

    /// <summary>The next run, after an additional file of somebody else came.</summary>
    public GeneratorRun AddFile() => new(_driver.AddAdditionalTexts([new InMemoryText("/project/readme.txt", "hello")]), _compilation, _text);

    /// <summary>The next run, after the build made the text anew.</summary>
    public GeneratorRun Rebuild(params SchemaFile[] files)
    {
        var text = new InMemoryText(TextPath, TextOf([.. files.Select(file => file.Proto)]));
        return new(_driver.ReplaceAdditionalText(_text!, text), _compilation, text);
    }

    /// <summary>Why each output of a step is what it is, in this run.</summary>
    public IReadOnlyList<IncrementalStepRunReason> Reasons(string step) =>
        Result.TrackedSteps.TryGetValue(step, out var runs) ? [.. runs.SelectMany(run => run.Outputs).Select(output => output.Reason)] : [];

    /// <summary>Why each generated file is what it is, in this run.</summary>
    public IReadOnlyList<IncrementalStepRunReason> OutputReasons() =>
        [.. Result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(run => run.Outputs).Select(output => output.Reason)];

    private static IEnumerable<FileDescriptorProto> DependenciesOf(params FileDescriptor[] files) =>
        files.SelectMany(file => file.Dependencies).SelectMany(file => DependenciesOf(file).Append(file.ToProto())).DistinctBy(file => file.Name)
            .Concat(files.Contains(OptionsReflection.Descriptor) ? [OptionsReflection.Descriptor.ToProto()] : []);
}
