using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>A field that a <see cref="FieldSearch"/> was looking for.</summary>
/// <param name="Path">The way to its values.</param>
/// <param name="Field">The field.</param>
/// <param name="Above">The messages that the path goes through, outermost first; the last one declares the field.</param>
/// <param name="IsEndless">The field repeats at ever greater depth, and the path is only where that starts.</param>
internal sealed record FoundField(FieldPath Path, FieldDescriptor Field, IReadOnlyList<MessageDescriptor> Above, bool IsEndless = false)
{
    /// <summary>What describes the values: the field itself, or the value of a map's entry.</summary>
    public FieldDescriptor Value => FieldStep.ValueOf(Field);
}
