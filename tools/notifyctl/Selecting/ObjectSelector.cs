using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Ctl.Input;
using Notify.Ctl.Types;

namespace Notify.Ctl.Selecting;

/// <summary>Picks objects by labels and by fields of their keys. Nodes filter by type and scope only, so this happens here.</summary>
internal sealed class ObjectSelector
{
    public const string LabelsOption = "--selector";
    public const string FieldsOption = "--field-selector";

    private readonly IReadOnlyList<SelectorTerm> _labels;
    private readonly Dictionary<string, IReadOnlyList<(KeyLeaf Leaf, SelectorTerm Term)>> _fields = new(StringComparer.Ordinal);

    /// <param name="types">The types that objects will be of.</param>
    /// <param name="labels">Conditions on labels; null for none.</param>
    /// <param name="fields">Conditions on fields of the key; null for none.</param>
    /// <exception cref="CtlException">One is malformed, or a type has no such field, or no labels.</exception>
    public ObjectSelector(IReadOnlyList<KnownType> types, string? labels, string? fields)
    {
        _labels = labels is null ? [] : SelectorTerm.Parse(labels, LabelsOption);
        if (_labels.Count > 0 && types.FirstOrDefault(type => type.Labels is null) is { } without)
            throw new CtlException(ExitCode.Usage, $"{without.ShortName} objects have no labels ({LabelsOption}).", "notifyctl types shows which have.");
        foreach (var type in fields is null ? [] : types)
            _fields.Add(type.Name, [.. SelectorTerm.Parse(fields!, FieldsOption).Select(term => Bind(type, term))]); // Null has no types here.
    }

    /// <summary>Everything matches.</summary>
    public bool IsEmpty => _labels.Count == 0 && _fields.Count == 0;

    /// <summary>Whether the selector could be asked about this type: it has the fields, and labels where they are asked for.</summary>
    public static bool Fits(KnownType type, string? labels, string? fields) =>
        (labels is null || type.Labels is not null)
        && (fields is null || SelectorTerm.Parse(fields, FieldsOption).All(term => Find(type, term.Name) is not null));

    public bool Matches(KnownType type, ObjectView view) => IsEmpty || Matches(type, view.Key, () => type.Descriptor.Parser.ParseFrom(view.Value.Value));

    /// <summary>The conditions on labels hold.</summary>
    public bool MatchesLabels(KnownType type, IMessage message)
    {
        if (_labels.Count == 0)
            return true;
        var labels = type.Labels?.Of(message);
        return _labels.All(term => term.Holds(labels?.GetValueOrDefault(term.Name)));
    }

    private static KeyLeaf? Find(KnownType type, string name)
    {
        var inKey = name.StartsWith("key.", StringComparison.Ordinal) ? name["key.".Length..] : name;
        return type.Key.Leaves.FirstOrDefault(leaf => leaf.Name == inKey || leaf.ProtoName == inKey);
    }

    private static (KeyLeaf Leaf, SelectorTerm Term) Bind(KnownType type, SelectorTerm term)
    {
        if (Find(type, term.Name) is not { } leaf)
        {
            var names = type.Key.Leaves.Select(known => known.Name).ToList();
            var known = names.Count == 0 ? $"{type.ShortName} has no key." : $"The key of {type.ShortName} has {string.Join(", ", names)}.";
            throw new CtlException(ExitCode.Usage, $"{type.ShortName} has no key field '{term.Name}' ({FieldsOption}){Nearest.Question(term.Name, names).TrimEnd('?')}.", known);
        }
        if (term.Value is not { } value)
            return (leaf, term with { Value = "", IsNegated = !term.IsNegated }); // A field of a key is always there: the question is whether it is set.
        if (value.Length == 0)
            return (leaf, term);
        var key = MessageReader.Create(type.Compiled.KeyDescriptor);
        var read = ScalarReader.Read(leaf.Field, new DataScalar(default, value, DataKind.Plain), out var expected)
            ?? throw new CtlException(ExitCode.Usage, $"'{term}' ({FieldsOption}): {leaf.Name} must be {expected}.");
        leaf.Set(key, read);
        return (leaf, term with { Value = leaf.Get(key) });
    }

    private bool Matches(KnownType type, ByteString key, Func<IMessage> message)
    {
        if (_fields.TryGetValue(type.Name, out var fields))
        {
            var decoded = type.Compiled.DecodeKey(key);
            if (!fields.All(field => field.Term.Holds(field.Leaf.Get(decoded))))
                return false;
        }
        return MatchesLabels(type, message());
    }
}
