using Notify.Core.Protocol;
using Notify.Core.Types;
using Notify.Ctl.Types;

namespace Notify.Ctl.Selecting;

/// <summary>The objects that a command line means.</summary>
/// <param name="Filter">What the node filters by.</param>
/// <param name="Selector">What is filtered here.</param>
/// <param name="IsWhole">Nothing narrows the types: no scope, no selector.</param>
internal sealed record Selection(ObjectFilter Filter, ObjectSelector Selector, bool IsWhole)
{
    /// <param name="chosen">The types named; none: all that the selectors can be asked about.</param>
    /// <param name="scope">The key of a scope, or null.</param>
    /// <param name="labels">Conditions on labels, or null.</param>
    /// <param name="fields">Conditions on fields of the key, or null.</param>
    /// <param name="types">All types.</param>
    /// <exception cref="CtlException">Something of it is wrong.</exception>
    public static Selection Of(IReadOnlyList<KnownType> chosen, string? scope, string? labels, string? fields, KnownTypes types)
    {
        if (chosen.Count == 0 && (labels ?? fields) is not null)
        {
            chosen = [.. types.All.Where(type => ObjectSelector.Fits(type, labels, fields))];
            if (chosen.Count == 0)
                throw new CtlException(ExitCode.Usage, $"no type has all of the key fields in '{fields}' ({ObjectSelector.FieldsOption}).", "notifyctl types shows the keys.");
        }
        ObjectFilter filter = new();
        filter.Types_.AddRange(chosen.Select(type => type.Name));
        if (scope is not null)
            filter.Scope = ScopeOf(chosen.Count > 0 ? chosen : types.All, scope, types);
        return new Selection(filter, new ObjectSelector(chosen, labels, fields), (scope ?? labels ?? fields) is null);
    }

    /// <summary>Whether an object that the node gave is meant.</summary>
    /// <param name="type">Its type; null for one that this program does not know.</param>
    /// <param name="view">The object.</param>
    public bool Includes(KnownType? type, ObjectView view) => Selector.IsEmpty || (type is not null && Selector.Matches(type, view));

    private static ScopeKey ScopeOf(IReadOnlyList<KnownType> scoped, string scope, KnownTypes types)
    {
        var scopeTypes = scoped.Select(type => type.Scope).OfType<string>().Distinct().ToList();
        if (scopeTypes is not [var scopeType] || types.FindMessage(scopeType) is not { } message)
        {
            var names = string.Join(", ", scoped.Select(type => type.ShortName));
            throw new CtlException(ExitCode.Usage, scopeTypes.Count > 1 ? $"{names} have several scopes." : $"{names} has no scope.", "Leave --scope out, or name other types.");
        }
        var key = new KeyText(message).Parse(scope, message.Name, types.Registry);
        return new ScopeKey { Type = scopeType, Key = KeyLayout.FromDescriptor(message).Encode(key) };
    }
}
