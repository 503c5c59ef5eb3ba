using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Notify.Core.Schemas;
using Notify.Generator.Extraction;

namespace Notify.Generator;

/// <summary>Turns problems into compiler diagnostics at their place in the proto file.</summary>
internal static class Diagnostics
{
    /// <summary>Where the rules are explained, from the root of the repository and of the package; each has its id as anchor.</summary>
    private const string HelpPage = "docs/diagnostics.md#";

    private static readonly ConcurrentDictionary<string, DiagnosticDescriptor> Descriptors = new(StringComparer.Ordinal);

    public static Diagnostic Of(PlacedProblem placed) =>
        Diagnostic.Create(DescriptorOf(placed.Problem.Rule), PlaceOf(placed), [.. placed.Problem.Arguments]);

    private static DiagnosticDescriptor DescriptorOf(SchemaRule rule) => Descriptors.GetOrAdd(rule.Id, id => new(
        id,
        rule.Title,
        rule.Format,
        "Notify",
        rule.IsWarning ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: HelpPage + id.ToLowerInvariant()));

    private static Location PlaceOf(PlacedProblem placed)
    {
        if (placed.Path.Length == 0)
        {
            return Location.None;
        }

        var start = new LinePosition(Math.Max(0, placed.Problem.Line - 1), Math.Max(0, placed.Problem.Column - 1));
        return Location.Create(placed.Path, default, new(start, start));
    }
}
