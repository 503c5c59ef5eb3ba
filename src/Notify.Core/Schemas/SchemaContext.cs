using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>What the rules share while one descriptor set is resolved: its messages, their annotations, and the problems so far.</summary>
internal sealed class SchemaContext
{
    private readonly Dictionary<string, MessageDescriptor> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<MessageDescriptor, MessageAnnotations> _annotations = [];
    private readonly Dictionary<FieldDescriptor, FieldAnnotations> _fieldAnnotations = [];
    private readonly List<SchemaProblem> _problems = [];
    private readonly Func<string, bool> _isOwn;

    /// <summary>Takes the files in the order of their dependencies.</summary>
    /// <param name="files">All files of the set.</param>
    /// <param name="isOwn">By name: problems in a file that is not one's own are reported where it is.</param>
    public SchemaContext(IEnumerable<FileDescriptor> files, Func<string, bool> isOwn)
    {
        _isOwn = isOwn;
        foreach (var message in files.SelectMany(file => file.MessageTypes))
        {
            Collect(message);
        }
    }

    /// <summary>All messages, nested ones included, in the order of the files.</summary>
    public List<MessageDescriptor> Messages { get; } = [];

    public IReadOnlyList<SchemaProblem> Problems => _problems;

    public bool IsOwn(MessageDescriptor message) => _isOwn(message.File.Name);

    public MessageAnnotations Of(MessageDescriptor message) => GetOrAdd(_annotations, message, key => new(key));

    public FieldAnnotations Of(FieldDescriptor field) => GetOrAdd(_fieldAnnotations, field, key => new(key));

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
        Report(rule, message.File, message.Declaration, message.FullName, arguments);

    public void Report(SchemaRule rule, FieldDescriptor field, params string[] arguments) =>
        Report(rule, field.File, field.Declaration, field.FullName, arguments);

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
            string[] all = [$"{name} ({file.Name})", .. arguments];
            _problems.Add(new(rule, file.Name, place?.StartLine ?? 0, place?.StartColumn ?? 0, new(all)));
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
