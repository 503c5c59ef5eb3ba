using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>What <c>notify/options.proto</c> lets a file say about a field.</summary>
internal sealed class FieldAnnotations(FieldDescriptor field, OptionDeclarations declarations)
{
    private readonly OptionReader _options = declarations.Read(field.GetOptions());

    /// <summary>The options as they are written.</summary>
    public OptionReader Written => _options;

    public string RefersTo => _options.Text(51053);

    public bool IsScope => _options.IsSet(52510);
}
