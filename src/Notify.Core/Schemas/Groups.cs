using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>Knows groups from messages, which protobuf's descriptors do not: <see cref="FieldDescriptor.FieldType"/> is Message for both.</summary>
internal static class Groups
{
    /// <summary>True where values are encoded between a start and an end, as only proto2 has it. Copies the field's declaration: not for hot paths.</summary>
    public static bool IsGroup(FieldDescriptor field) =>
        field.FieldType is FieldType.Message or FieldType.Group && field.ToProto().Type == FieldDescriptorProto.Types.Type.Group;
}
