using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Notify.Generator.Tests.Support;

/// <summary>What the build tells analyzers: whether the project imports our targets file.</summary>
internal sealed class InMemoryOptions(bool hasTargets) : AnalyzerConfigOptionsProvider
{
    public override AnalyzerConfigOptions GlobalOptions { get; } = new Options(hasTargets);

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

    private sealed class Options(bool hasTargets) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = hasTargets && key == "build_property.NotifyGeneratorTargets" ? "true" : null;
            return value is not null;
        }
    }
}
