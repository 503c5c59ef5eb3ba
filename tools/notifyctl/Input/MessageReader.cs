using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Ctl.Input;

/// <summary>
/// Makes messages of <see cref="DataNode"/>s by the proto3 JSON mapping. Unlike the parser of the protobuf library it finds all mistakes, says
/// where they stand, and takes YAML.
/// </summary>
internal sealed class MessageReader(TypeRegistry registry, InputProblems problems)
{
    private readonly JsonParser _wellKnown = new(JsonParser.Settings.Default.WithTypeRegistry(registry));

    /// <summary>An empty message.</summary>
    public static IMessage Create(MessageDescriptor type) => type.Parser.ParseFrom(ByteString.Empty);

    /// <summary>The message; where problems were added it has less than the input.</summary>
    public IMessage Read(MessageDescriptor type, DataNode node)
    {
        var message = Create(type);
        if (node is DataMap map)
            ReadFields(message, map);
        else if (node is not DataScalar { IsNull: true })
            problems.Add(node.Place, $"{type.Name} has fields, so a mapping must stand here, not {node.Describe()}.");
        return message;
    }

    private void ReadFields(IMessage message, DataMap map)
    {
        var type = message.Descriptor;
        Dictionary<FieldDescriptor, Place> seen = [];
        Dictionary<OneofDescriptor, string> chosen = [];
        foreach (var (name, node) in map.Entries)
        {
            if (Find(type, name.Text) is not { } field)
            {
                var names = type.Fields.InDeclarationOrder().Select(known => known.JsonName).ToList();
                var known = names.Count == 0 ? "it has no fields" : $"it has {string.Join(", ", names)}";
                problems.Add(name.Place, $"{type.Name} has no field '{name.Text}'{Hint(name.Text, names, known)}");
            }
            else if (!seen.TryAdd(field, name.Place))
            {
                problems.Add(name.Place, $"{type.Name}.{field.JsonName} is given twice, first in line {seen[field].Line}.");
            }
            else if (node is DataScalar { IsNull: true })
            {
                continue;
            }
            else if (field.RealContainingOneof is { } oneof && !chosen.TryAdd(oneof, field.JsonName))
            {
                problems.Add(name.Place, $"only one of {chosen[oneof]} and {field.JsonName} of {type.Name} can be set.");
            }
            else
            {
                ReadField(message, field, node);
            }
        }
    }

    private static string Hint(string name, List<string> names, string otherwise) =>
        Nearest.Question(name, names) is { Length: > 0 } question ? question : $"; {otherwise}.";

    private static FieldDescriptor? Find(MessageDescriptor type, string name) =>
        type.Fields.InDeclarationOrder().FirstOrDefault(field => field.JsonName == name || field.Name == name);

    private void ReadField(IMessage message, FieldDescriptor field, DataNode node)
    {
        if (field.IsMap)
            ReadMap(message, field, node);
        else if (field.IsRepeated)
            ReadList(message, field, node);
        else if (ReadValue(field, node) is { } value)
            field.Accessor.SetValue(message, value);
    }

    private void ReadList(IMessage message, FieldDescriptor field, DataNode node)
    {
        if (node is not DataList list)
        {
            problems.Add(node.Place, $"{NameOf(field)} is a list, so a list must stand here, not {node.Describe()}.");
            return;
        }
        var values = (IList)field.Accessor.GetValue(message);
        foreach (var item in list.Items)
        {
            if (item is DataScalar { IsNull: true })
                problems.Add(item.Place, $"{NameOf(field)} has an empty item; remove it, or write \"\" for an empty text.");
            else if (ReadValue(field, item) is { } value)
                values.Add(value);
        }
    }

    private void ReadMap(IMessage message, FieldDescriptor field, DataNode node)
    {
        if (node is not DataMap map)
        {
            problems.Add(node.Place, $"{NameOf(field)} is a map, so a mapping must stand here, not {node.Describe()}.");
            return;
        }
        var keys = field.MessageType.FindFieldByNumber(1);
        var values = field.MessageType.FindFieldByNumber(2);
        var entries = (IDictionary)field.Accessor.GetValue(message);
        foreach (var (name, item) in map.Entries)
        {
            // In JSON the key of a map is always in quotes, whatever its type.
            if (ReadValue(keys, name with { Kind = DataKind.Plain }) is not { } key)
                continue;
            if (entries.Contains(key))
                problems.Add(name.Place, $"{NameOf(field)} has the key '{name.Text}' twice.");
            else if (item is DataScalar { IsNull: true })
                problems.Add(item.Place, $"{NameOf(field)} has no value for the key '{name.Text}'; remove it, or write \"\" for an empty text.");
            else if (ReadValue(values, item) is { } value)
                entries.Add(key, value);
        }
    }

    private object? ReadValue(FieldDescriptor field, DataNode node)
    {
        if (field.FieldType is FieldType.Message or FieldType.Group)
            return field.MessageType.File.Package == "google.protobuf" ? ReadWellKnown(field, node) : Read(field.MessageType, node);
        if (node is not DataScalar scalar)
        {
            problems.Add(node.Place, $"{NameOf(field)} is a single value, not {node.Describe()}.");
            return null;
        }
        var value = ScalarReader.Read(field, scalar, out var expected);
        if (expected is not null)
            problems.Add(node.Place, $"{NameOf(field)} must be {expected}, not {node.Describe()}.");
        return value;
    }

    /// <summary>Durations, times and the like have forms of their own, which the protobuf library knows.</summary>
    private object? ReadWellKnown(FieldDescriptor field, DataNode node)
    {
        try
        {
            var message = _wellKnown.Parse(PlainJson.Write(node, field.MessageType), field.MessageType);
            // The properties of the wrapper types have the wrapped value.
            return field.MessageType.File.Name == "google/protobuf/wrappers.proto" ? message.Descriptor.FindFieldByNumber(1).Accessor.GetValue(message) : message;
        }
        catch (Exception e) when (e is InvalidJsonException or InvalidProtocolBufferException or InvalidOperationException)
        {
            // The third is the parser's word for an Any of a type that it does not know.
            var form = field.MessageType.Name switch
            {
                "Duration" => "seconds with an s, like 30s or 1.5s",
                "Timestamp" => "a time like 2025-01-31T12:00:00Z",
                var name => $"a google.protobuf.{name} ({e.Message})",
            };
            problems.Add(node.Place, $"{NameOf(field)} must be {form}, not {node.Describe()}.");
            return null;
        }
    }

    private static string NameOf(FieldDescriptor field)
    {
        var type = field.ContainingType;
        var shown = type.GetOptions()?.MapEntry == true
            ? type.ContainingType.Fields.InDeclarationOrder().First(map => map.FieldType == FieldType.Message && map.MessageType == type)
            : field;
        return $"{shown.ContainingType.Name}.{shown.JsonName}";
    }
}
