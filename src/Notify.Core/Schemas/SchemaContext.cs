using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>What the rules share while one descriptor set is resolved: its messages, their annotations, and the problems so far.</summary>
internal sealed class SchemaContext
{
    private readonly Dictionary<string, MessageDescriptor> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<MessageDescriptor, MessageAnnotations> _annotations = [];
    private readonly Dictionary<FieldDescriptor, FieldAnnotations> _fieldAnnotations = [];
    private readonly List<SchemaProblem> _problems = [];
    private readonly HashSet<SchemaProblem> _reported = [];
    private readonly Func<string, bool> _isOwn;

    /// <summary>Takes the files in the order of their dependencies.</summary>
    /// <param name="files">All files of the set.</param>
    /// <param name="isOwn">By name: problems in a file that is not one's own are reported where it is.</param>
    public SchemaContext(IReadOnlyList<FileDescriptor> files, Func<string, bool> isOwn)
    {
        _isOwn = isOwn;
        Declarations = new(files);
        foreach (var message in files.SelectMany(file => file.MessageTypes))
        {
            Collect(message);
        }
    }

    /// <summary>All messages, nested ones included, in the order of the files.</summary>
    public List<MessageDescriptor> Messages { get; } = [];

    public OptionDeclarations Declarations { get; }

    public IReadOnlyList<SchemaProblem> Problems => _problems;

    public bool IsOwn(MessageDescriptor message) => _isOwn(message.File.Name);

    public MessageAnnotations Of(MessageDescriptor message) => GetOrAdd(_annotations, message, key => new(key, Declarations));

    public FieldAnnotations Of(FieldDescriptor field) => GetOrAdd(_fieldAnnotations, field, key => new(key, Declarations));

    /// <summary>Finds a message by its full name, or by a name relative to <paramref name="from"/>, as protobuf resolves names.</summary>
    public MessageDescriptor? Find(string name, MessageDescriptor from)
    {
        for (var prefix = from.FullName; prefix.Length > 0; prefix = Parent(prefix))
        {
            if (_byName.TryGetValue($"{prefix}.{name}", out var message))
            {
                return message;
            }
        }

        _byName.TryGetValue(name.TrimStart('.'), out var byFullName);
        return byFullName;
    }

    public void Report(SchemaRule rule, MessageDescriptor message, params string[] arguments) =>
        Report(rule, message.File, message.Declaration, $"{message.FullName} ({message.File.Name})", arguments);

    public void Report(SchemaRule rule, FieldDescriptor field, params string[] arguments) =>
        Report(rule, field.File, field.Declaration, Name(field), arguments);

    /// <summary>Reports what is wrong with a field for a message that contains it; at that message where the field is in another project's file.</summary>
    public void ReportFor(MessageDescriptor message, SchemaRule rule, FieldDescriptor field, params string[] arguments)
    {
        var isOwn = _isOwn(field.File.Name);
        Report(rule, isOwn ? field.File : message.File, isOwn ? field.Declaration : message.Declaration, Name(field), arguments);
    }

    private static string Name(FieldDescriptor field) => $"{field.FullName} ({field.File.Name})";

    private static string Parent(string name) => name.Substring(0, Math.Max(0, name.LastIndexOf('.')));

    private static TValue GetOrAdd<TKey, TValue>(Dictionary<TKey, TValue> values, TKey key, Func<TKey, TValue> create)
        where TKey : notnull
    {
        if (!values.TryGetValue(key, out var value))
        {
            values.Add(key, value = create(key));
        }

        return value;
    }

    private void Report(SchemaRule rule, FileDescriptor file, DescriptorDeclaration? place, string name, string[] arguments)
    {
        if (_isOwn(file.Name))
        {
            // A field may be found along several ways.
            var problem = new SchemaProblem(rule, file.Name, place?.StartLine ?? 0, place?.StartColumn ?? 0, new([name, .. arguments]));
            if (_reported.Add(problem))
            {
                _problems.Add(problem);
            }
        }
    }

    private void Collect(MessageDescriptor message)
    {
        Messages.Add(message);
        _byName[message.FullName] = message;
        foreach (var nested in message.NestedTypes.Where(nested => nested.GetOptions()?.MapEntry != true))
        {
            Collect(nested);
        }
    }
}
