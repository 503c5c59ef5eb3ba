using System.Globalization;

namespace Notify.Core.Schemas;

/// <summary>A mistake in annotations.</summary>
/// <param name="Rule">The rule that is broken.</param>
/// <param name="File">Name of the proto file; empty where none is to blame.</param>
/// <param name="Line">Line in that file from 1, or 0 where the descriptor set does not tell.</param>
/// <param name="Column">Column in that line from 1, or 0.</param>
/// <param name="Arguments">What <see cref="SchemaRule.Format"/> needs.</param>
internal sealed record SchemaProblem(SchemaRule Rule, string File, int Line, int Column, EquatableArray<string> Arguments)
{
    /// <summary>What is wrong and what to do.</summary>
    public string Text => string.Format(CultureInfo.InvariantCulture, Rule.Format, [.. Arguments]);

    /// <inheritdoc/>
    public override string ToString() => File.Length == 0 ? $"{Rule.Id}: {Text}" : $"{File}({Line},{Column}): {Rule.Id}: {Text}";
}
