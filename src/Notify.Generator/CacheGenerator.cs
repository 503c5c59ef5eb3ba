using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Notify.Core.Schemas;
using Notify.Generator.Emission;
using Notify.Generator.Extraction;

namespace Notify.Generator;

/// <summary>
/// Writes a typed cache, a type description and a registration for the annotated messages of a project's proto files. What the
/// annotations mean is in docs/annotations.md.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class CacheGenerator : IIncrementalGenerator
{
    /// <summary>
    /// Sets up the pipeline: additional file to text, to model, to one output for each type. Each step's result compares by value, so an
    /// edit that changes no model runs nothing further.
    /// </summary>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var hasTargets = context.AnalyzerConfigOptionsProvider.Select(HasTargets);
        var model = context.AdditionalTextsProvider
            .Where(IsDescriptorText)
            .Select((file, cancel) => DescriptorText.Parse(file.GetText(cancel)?.ToString() ?? ""))
            .WithTrackingName(StepNames.Text)
            .Collect()
            .Combine(hasTargets)
            .Select((input, _) => Extract(input.Left, input.Right))
            .WithTrackingName(StepNames.Model);

        context.RegisterSourceOutput(
            model.SelectMany((all, _) => all.Problems).WithTrackingName(StepNames.Problems),
            (output, problem) => output.ReportDiagnostic(Diagnostics.Of(problem)));
        context.RegisterSourceOutput(
            model.SelectMany((all, _) => all.Types).WithTrackingName(StepNames.Types),
            (output, unit) => Write(output, unit.HintName, () => TypeEmitter.Emit(unit)));
        context.RegisterSourceOutput(
            model.SelectMany((all, _) => all.Registrations).WithTrackingName(StepNames.Registrations),
            (output, unit) => Write(output, unit.HintName, () => RegistrationEmitter.Emit(unit)));
    }

    private static bool IsDescriptorText(AdditionalText file) => file.Path.EndsWith(DescriptorText.FileSuffix, StringComparison.OrdinalIgnoreCase);

    private static void Write(SourceProductionContext output, string hintName, Func<string> emit)
    {
        try
        {
            output.AddSource(hintName, SourceText.From(emit(), Encoding.UTF8));
        }
#pragma warning disable CA1031 // As in the extraction: what fails here is reported with a place and a remedy.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var failed = GeneratorModel.Failed(SchemaRule.GeneratorFailed, hintName, ModelExtractor.OneLine(e));
            output.ReportDiagnostic(Diagnostics.Of(failed.Problems[0]));
        }
    }

    private static bool HasTargets(AnalyzerConfigOptionsProvider options, CancellationToken cancel) =>
        options.GlobalOptions.TryGetValue("build_property.NotifyGeneratorTargets", out var value) && value == "true";

    /// <summary>A project without proto files imports the targets and has no text; one without the targets has forgotten them.</summary>
    private static GeneratorModel Extract(ImmutableArray<DescriptorText> texts, bool hasTargets) => texts.Length switch
    {
        0 when hasTargets => GeneratorModel.Empty,
        0 => GeneratorModel.Failed(SchemaRule.DescriptorSetMissing, DescriptorText.FileSuffix),
        1 => ModelExtractor.Extract(texts[0]),
        _ => GeneratorModel.Failed(SchemaRule.DescriptorSetUnreadable, DescriptorText.FileSuffix, "there is more than one."),
    };
}
