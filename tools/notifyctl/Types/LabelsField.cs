using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.Reflection;

namespace Notify.Ctl.Types;

/// <summary>
/// The labels of a type's objects: its field <c>map&lt;string, string&gt; labels</c>. They are part of the object like any other field, so every
/// node that has the object has them.
/// </summary>
internal sealed class LabelsField(FieldDescriptor field)
{
    public static bool IsOne(FieldDescriptor field) =>
        field is { Name: "labels", IsMap: true }
        && field.MessageType.FindFieldByNumber(1).FieldType == FieldType.String
        && field.MessageType.FindFieldByNumber(2).FieldType == FieldType.String;

    public IReadOnlyDictionary<string, string> Of(IMessage message) => new Dictionary<string, string>((MapField<string, string>)field.Accessor.GetValue(message), StringComparer.Ordinal);
}
