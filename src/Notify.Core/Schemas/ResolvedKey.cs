using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>The key of a cache type, while its schema is at hand.</summary>
internal sealed record ResolvedKey(KeySource Source, MessageDescriptor Message, FieldDescriptor? Field = null)
{
    public KeyModel ToModel() => new(Source, MessageName.Of(Message), Field is null ? null : FieldStep.Of(Field));
}
