using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>What <c>notify/options.proto</c> lets a file say about a field.</summary>
internal sealed class FieldAnnotations(FieldDescriptor field)
{
    private readonly OptionReader _options = new(field.GetOptions());

    public string RefersTo => _options.Text(51053);

    public bool IsScope => _options.IsSet(52510);
}
