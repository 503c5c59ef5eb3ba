using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Notify.Core.Sessions;

/// <summary>
/// Which nodes of a tree are meant. Terms with commas between, any of which may hold: <c>*</c> is every node, <c>crm-zurich</c> the node of that name,
/// <c>crm-*</c> every node whose name begins so, <c>role=dme</c> every node of a role; <c>*</c> stands for any characters, also in a role. Immutable.
/// </summary>
/// <remarks>
/// The language is part of the link protocol: see <c>Barrier.node_selector</c>. Upper and lower case differ. The characters in
/// <see cref="Reserved"/> and <c>=</c> after other words than <c>role</c> are kept for later; a node whose name has one of them, or a comma, is meant
/// by <c>*</c> in its place.
/// </remarks>
public sealed class NodeSelector
{
    /// <summary>Characters that no selector has yet.</summary>
    public const string Reserved = "!()[]{}|&<>~?\\\"'";

    private const string RolePrefix = "role=";
    private const int LengthMax = 4096;

    private static readonly SearchValues<char> s_reserved = SearchValues.Create(Reserved);

    private readonly Term[] _terms;
    private readonly string _text;

    private NodeSelector(string text, Term[] terms) => (_text, _terms) = (text, terms);

    /// <summary>Every node.</summary>
    public static NodeSelector All { get; } = Parse("*");

    /// <summary>Names that are asked for as they are: whoever writes one expects that there is such a node.</summary>
    public IEnumerable<string> Names => _terms.Where(static term => !term.IsRole && !term.Pattern.Contains('*')).Select(static term => term.Pattern);

    /// <summary>Reads a selector.</summary>
    /// <exception cref="FormatException">It is none; the text says what is wrong with it.</exception>
    public static NodeSelector Parse(string text) => TryParse(text, out var selector, out var problem) ? selector : throw new FormatException(problem);

    /// <summary>Reads a selector. False, and what is wrong with it, where it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NodeSelector? selector, [NotNullWhen(false)] out string? problem)
    {
        selector = null;
        if (text.Length > LengthMax)
        {
            problem = $"A selector of nodes has at most {LengthMax} characters, this one has {text.Length}.";
            return false;
        }

        var terms = new List<Term>();
        foreach (var part in text.Split(','))
        {
            if ((problem = ProblemOf(part.Trim(), text)) is not null)
            {
                return false;
            }

            var isRole = part.Trim().StartsWith(RolePrefix, StringComparison.Ordinal);
            terms.Add(new Term(isRole, isRole ? part.Trim()[RolePrefix.Length..] : part.Trim()));
        }

        problem = null;
        selector = new NodeSelector(string.Join(',', terms), [.. terms]);
        return true;
    }

    /// <summary>True when the node is meant.</summary>
    public bool Includes(string name, string role)
    {
        foreach (var term in _terms)
        {
            if (Matches(term.Pattern, term.IsRole ? role : name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The selector as it is written.</summary>
    public override string ToString() => _text;

    private static string? ProblemOf(string term, string text)
    {
        if (term.Length == 0 || term == RolePrefix)
        {
            return $"The selector of nodes '{text}' has an empty term. Write names, role=NAME or *, with commas between.";
        }

        if (term.AsSpan().IndexOfAny(s_reserved) is >= 0 and var at)
        {
            return $"'{term[at]}' in the selector of nodes '{text}' means nothing. Write names, role=NAME or *, with commas between; * stands for any characters.";
        }

        return term.Contains('=') && (!term.StartsWith(RolePrefix, StringComparison.Ordinal) || term[RolePrefix.Length..].Contains('='))
            ? $"Nodes cannot be selected by '{term}'. There is role=NAME."
            : null;
    }

    /// <summary>Goes back to the last star only, so a pattern takes at most its length times that of the text, however many stars it has.</summary>
    private static bool Matches(string pattern, string text)
    {
        var (p, t, star, from) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, from) = (p++, t);
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                (p, t) = (p + 1, t + 1);
            }
            else if (star >= 0)
            {
                (p, t) = (star + 1, ++from);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }

    private readonly record struct Term(bool IsRole, string Pattern)
    {
        public override string ToString() => IsRole ? RolePrefix + Pattern : Pattern;
    }
}
