using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Annotations;
using Label = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Label;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Notify.Generator.Tests.Support;

/// <summary>A message of a <see cref="SchemaFile"/>.</summary>
internal sealed class SchemaMessage(DescriptorProto proto)
{
    public DescriptorProto Proto => proto;

    public SchemaMessage Set(Extension<MessageOptions, bool> option, bool value = true) => Set<bool>(option, value);

    public SchemaMessage Set<T>(Extension<MessageOptions, T> option, T value)
    {
        proto.Options.SetExtension(option, value);
        return this;
    }

    /// <summary>Adds a <c>notify_reference</c>.</summary>
    public SchemaMessage Template(string to, params string[] entries)
    {
        proto.Options.GetOrInitializeExtension(OptionsExtensions.NotifyReference).Add(new Reference { To = to, Key = { entries } });
        return this;
    }

    public SchemaMessage Text(string name, int number, string? refersTo = null) => Field(name, number, Type.String, refersTo: refersTo);

    /// <summary>Adds a field that holds a message of the same file.</summary>
    public SchemaMessage Holding(string name, int number, string message, string? refersTo = null, bool isScope = false, bool isRepeated = false) =>
        Field(name, number, Type.Message, message, refersTo, isScope, isRepeated);

    public SchemaMessage Field(
        string name, int number, Type type, string typeName = "", string? refersTo = null, bool isScope = false, bool isRepeated = false)
    {
        var field = new FieldDescriptorProto { Name = name, Number = number, Type = type, Label = isRepeated ? Label.Repeated : Label.Optional, Options = new() };
        if (typeName.Length > 0)
        {
            field.TypeName = typeName;
        }

        if (refersTo is not null)
        {
            field.Options.SetExtension(OptionsExtensions.RefersTo, refersTo);
        }

        if (isScope)
        {
            field.Options.SetExtension(OptionsExtensions.NotifyScope, true);
        }

        proto.Field.Add(field);
        return this;
    }
}
