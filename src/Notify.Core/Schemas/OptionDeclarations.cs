using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>
/// Says which numbers mean our options in one descriptor set. protoc lets each number be declared once in a set, so where another file
/// declares one as something else, it is not ours there.
/// </summary>
internal sealed class OptionDeclarations
{
    private readonly Dictionary<int, FieldDescriptor> _foreign = [];

    public OptionDeclarations(IEnumerable<FileDescriptor> files)
    {
        foreach (var extension in files.SelectMany(ExtensionsOf))
        {
            var options = extension.ExtendeeType?.FullName switch
            {
                "google.protobuf.MessageOptions" => OptionDeclaration.OfMessages,
                "google.protobuf.FieldOptions" => OptionDeclaration.OfFields,
                _ => [],
            };
            if (options.FirstOrDefault(option => option.Number == extension.FieldNumber) is { } option && !option.IsDeclaredBy(extension))
            {
                _foreign[option.Number] = extension;
            }
        }
    }

    /// <summary>The options object without what is not ours.</summary>
    public OptionReader Read(Google.Protobuf.IMessage? options) => new(options, _foreign.Keys);

    /// <summary>The declaration of an option that has our number and is another one; otherwise null.</summary>
    public FieldDescriptor? ForeignOf(OptionDeclaration option) => _foreign.TryGetValue(option.Number, out var extension) ? extension : null;

    private static IEnumerable<FieldDescriptor> ExtensionsOf(FileDescriptor file) =>
        file.Extensions.UnorderedExtensions.Concat(file.MessageTypes.SelectMany(ExtensionsOf));

    private static IEnumerable<FieldDescriptor> ExtensionsOf(MessageDescriptor message) =>
        message.Extensions.UnorderedExtensions.Concat(message.NestedTypes.SelectMany(ExtensionsOf));
}
