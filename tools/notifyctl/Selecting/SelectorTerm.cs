namespace Notify.Ctl.Selecting;

/// <summary>One condition of a selector.</summary>
/// <param name="Name">What it is about: a label, or a field of the key.</param>
/// <param name="Value">What it is to be; null: anything that is there.</param>
/// <param name="IsNegated">The opposite: another value or none; with a null value, not there.</param>
internal sealed record SelectorTerm(string Name, string? Value, bool IsNegated)
{
    /// <param name="actual">The value; null where there is none.</param>
    public bool Holds(string? actual) => (Value is null ? actual is not null : actual == Value) != IsNegated;

    /// <summary>Reads conditions with commas between: <c>a=b</c>, <c>a==b</c>, <c>a!=b</c>, <c>a</c> and <c>!a</c>.</summary>
    /// <param name="text">The selector.</param>
    /// <param name="option">Where it stands, for messages.</param>
    /// <exception cref="CtlException">One of them is none of these.</exception>
    public static IReadOnlyList<SelectorTerm> Parse(string text, string option) => [.. text.Split(',').Select(part => ParseOne(part.Trim(), text, option))];

    public override string ToString() => Value is null ? (IsNegated ? "!" : "") + Name : Name + (IsNegated ? "!=" : "=") + Value;

    private static SelectorTerm ParseOne(string part, string text, string option)
    {
        var at = part.IndexOf('=', StringComparison.Ordinal);
        var term = at switch
        {
            -1 when part.StartsWith('!') => new SelectorTerm(part[1..], null, IsNegated: true),
            -1 => new SelectorTerm(part, null, IsNegated: false),
            > 0 when part[at - 1] == '!' => new SelectorTerm(part[..(at - 1)], part[(at + 1)..], IsNegated: true),
            _ when part.AsSpan(at).StartsWith("==") => new SelectorTerm(part[..at], part[(at + 2)..], IsNegated: false),
            _ => new SelectorTerm(part[..at], part[(at + 1)..], IsNegated: false),
        };
        term = term with { Name = term.Name.Trim(), Value = term.Value?.Trim() };
        return term.Name.Length > 0 && !term.Name.Contains('!', StringComparison.Ordinal)
            ? term
            : throw new CtlException(ExitCode.Usage, $"'{text}' ({option}) is no selector: '{part}' is no condition.", "Write name=value, name!=value, name or !name, with commas between.");
    }
}
