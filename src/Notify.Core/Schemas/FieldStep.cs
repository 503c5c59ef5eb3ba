using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>One step of a field path: from a message to what one of its fields holds.</summary>
/// <param name="Number">Number of the field.</param>
/// <param name="Name">Its name in the proto file.</param>
/// <param name="Container">Short name of the message that declares it.</param>
/// <param name="Shape">How many values it leads to.</param>
/// <param name="Type">Their type; for a map that of its values.</param>
/// <param name="Rivals">Numbers of the other fields of its oneof: setting one of them clears this one.</param>
internal sealed record FieldStep(int Number, string Name, string Container, StepShape Shape, FieldType Type, EquatableArray<int> Rivals)
{
    public static FieldStep Of(FieldDescriptor field) => new(
        field.FieldNumber,
        field.Name,
        field.ContainingType.Name,
        field.IsMap ? StepShape.MapValues : field.IsRepeated ? StepShape.Repeated : StepShape.Singular,
        ValueOf(field).FieldType,
        new(field.RealContainingOneof is { } oneof ? oneof.Fields.Where(other => other != field).Select(other => other.FieldNumber) : []));

    /// <summary>The field that describes the values: the field itself, or the value of a map's entry.</summary>
    public static FieldDescriptor ValueOf(FieldDescriptor field) => field.IsMap ? field.MessageType.FindFieldByNumber(2) : field;
}
