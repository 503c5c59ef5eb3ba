using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Ctl.Input;

namespace Notify.Ctl.Types;

/// <summary>
/// How keys are written on the command line: <c>a/b/c</c>, the key's values in the order of its fields; <c>field=value,other.field=value</c>;
/// or the key message as JSON.
/// </summary>
internal sealed class KeyText
{
    private static readonly SearchValues<char> NameChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");

    private readonly MessageDescriptor _type;
    private readonly List<KeyLeaf> _leaves = [];
    private readonly bool _hasLists;

    public KeyText(MessageDescriptor type)
    {
        _type = type;
        _hasLists = !Collect(type, []);
    }

    /// <summary>The form <c>a/b/c</c> with the names of the fields.</summary>
    public string Pattern => string.Join('/', _leaves.Select(leaf => leaf.Name));

    public IReadOnlyList<KeyLeaf> Leaves => _leaves;

    /// <summary>Reads any of the forms.</summary>
    /// <param name="text">The key.</param>
    /// <param name="what">What it is the key of, for messages.</param>
    /// <param name="types">For objects in JSON keys.</param>
    /// <exception cref="CtlException">It is none of them.</exception>
    public IMessage Parse(string text, string what, TypeRegistry types)
    {
        if (text.TrimStart().StartsWith('{'))
            return ParseJson(text, what, types);
        if (_hasLists)
            throw Wrong(what, text, "it has lists, so it must be JSON");
        var key = MessageReader.Create(_type);
        if (IsAssignments(text))
            ReadAssignments(key, text, what);
        else
            ReadValues(key, text, what);
        return key;
    }

    /// <summary>The shortest form that can be read back, and that does not steer a terminal.</summary>
    public string Format(IMessage key)
    {
        if (_hasLists)
            return JsonFormatter.Default.Format(key);
        var values = _leaves.Select(leaf => leaf.Get(key)).ToList();
        var text = string.Join('/', values);
        return text.Length == 0 || text.Any(char.IsControl) || (values.Count > 1 && values.Any(value => value.Contains('/', StringComparison.Ordinal))) || text[0] == '{' || text[0] == '-' || IsAssignments(text)
            ? JsonFormatter.Default.Format(key)
            : text;
    }

    private static bool IsAssignments(string text)
    {
        var end = text.AsSpan().IndexOfAny('=', '/');
        return end > 0 && text[end] == '=' && (char.IsAsciiLetter(text[0]) || text[0] == '_')
            && !text.AsSpan(0, end).ContainsAnyExcept(NameChars);
    }

    /// <summary>False where values cannot be written one by one.</summary>
    private bool Collect(MessageDescriptor type, List<FieldDescriptor> above)
    {
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            List<FieldDescriptor> path = [.. above, field];
            if (field.IsRepeated || (field.FieldType == FieldType.Message && field.MessageType.File.Package == "google.protobuf"))
                return false;
            if (field.FieldType != FieldType.Message)
                _leaves.Add(new KeyLeaf(path));
            else if (!Collect(field.MessageType, path))
                return false;
        }
        return true;
    }

    private IMessage ParseJson(string text, string what, TypeRegistry types)
    {
        InputProblems problems = new();
        try
        {
            var values = JsonSource.Read(text, "KEY");
            if (values is not [var value])
                throw Wrong(what, text, "it is not one JSON value");
            var key = new MessageReader(types, problems).Read(_type, value);
            problems.ThrowIfAny(Remedy(what));
            return key;
        }
        catch (InputSyntaxException e)
        {
            throw new CtlException(ExitCode.Usage, $"{e.Place}: {e.Message}", Remedy(what));
        }
    }

    private void ReadAssignments(IMessage key, string text, string what)
    {
        HashSet<KeyLeaf> seen = [];
        foreach (var part in text.Split(','))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at < 0)
                throw Wrong(what, text, $"'{part}' is no field=value");
            var name = part[..at].Trim();
            var leaf = _leaves.Find(leaf => leaf.Name == name || leaf.ProtoName == name)
                ?? throw Wrong(what, text, $"{_type.Name} has no field '{name}'{Nearest.Question(name, _leaves.Select(leaf => leaf.Name)).TrimEnd('?')}");
            if (!seen.Add(leaf))
                throw Wrong(what, text, $"{leaf.Name} is given twice");
            SetLeaf(key, leaf, part[(at + 1)..], what, text);
        }
    }

    private void ReadValues(IMessage key, string text, string what)
    {
        var values = _leaves.Count == 1 ? [text] : text.Split('/');
        if (values.Length != _leaves.Count)
            throw Wrong(what, text, $"it has {values.Length} of {_leaves.Count} values");
        foreach (var (leaf, value) in _leaves.Zip(values))
            SetLeaf(key, leaf, value, what, text);
    }

    private void SetLeaf(IMessage key, KeyLeaf leaf, string value, string what, string text)
    {
        if (value.Length == 0)
            return;
        var read = ScalarReader.Read(leaf.Field, new DataScalar(default, value, DataKind.Plain), out var expected);
        leaf.Set(key, read ?? throw Wrong(what, text, $"{leaf.Name} must be {expected}"));
    }

    private CtlException Wrong(string what, string text, string why) =>
        new(ExitCode.Usage, $"'{text}' is not the key of {what}: {why}.", Remedy(what));

    private string Remedy(string what) =>
        _hasLists ? $"Write the key of {what} as JSON." :
        _leaves.Count == 0 ? $"{what} has no key: leave it out." :
        $"Write the key of {what} as {Pattern}, as {_leaves[0].Name}=VALUE{(_leaves.Count > 1 ? ",..." : "")}, or as JSON.";
}
