using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Annotations;
using Notify.Core.Protocol;
using Notify.Ctl.Types;

namespace Notify.Ctl.Output;

/// <summary>
/// Objects of one type as a table: key, revision, owner where they have one, and the first few fields that one of them has set.
/// </summary>
internal static class ObjectTable
{
    private const int FieldsMax = 4;

    public static void Write(Terminal terminal, KnownType type, IReadOnlyList<ObjectView> views)
    {
        var messages = views.Select(view => type.Descriptor.Parser.ParseFrom(view.Value.Value)).ToList();
        var hasOwner = views.Any(view => view.Stamp is not null);
        var fields = type.Descriptor.Fields.InDeclarationOrder()
            .Where(IsShown)
            .Where(field => messages.Exists(message => Cell(message, field).Length > 0))
            .Take(FieldsMax)
            .ToList();
        TextTable table = new(["KEY", "REVISION", .. hasOwner ? ["NODE"] : Array.Empty<string>(), .. fields.Select(field => field.Name.ToUpperInvariant())]);
        // Nodes sort by encoded keys, where short texts come first; people look for names.
        foreach (var (key, view, message) in views.Zip(messages, (view, message) => (type.KeyOf(view.Key), view, message)).OrderBy(row => row.Item1, StringComparer.Ordinal))
        {
            table.Add([
                key,
                view.Revision.ToString(CultureInfo.InvariantCulture),
                .. hasOwner ? [view.Stamp?.Node ?? ""] : Array.Empty<string>(),
                .. fields.Select(field => Cell(message, field)),
            ]);
        }
        table.Write(terminal);

        bool IsShown(FieldDescriptor field) => !field.IsRepeated && !IsKeyOf(type, field)
            && (field.FieldType != FieldType.Message || IsTime(field) || IsKey(field.MessageType));
    }

    private static bool IsKeyOf(KnownType type, FieldDescriptor field) =>
        field.FieldType == FieldType.Message && field.MessageType.FullName == type.Compiled.KeyDescriptor.FullName && field.Name == "key";

    private static bool IsKey(MessageDescriptor message) => message.GetOptions()?.GetExtension(OptionsExtensions.ObjKey) == true;

    private static bool IsTime(FieldDescriptor field) => field.MessageType.FullName is "google.protobuf.Timestamp" or "google.protobuf.Duration";

    private static string Cell(IMessage message, FieldDescriptor field)
    {
        if (field.FieldType == FieldType.Message)
        {
            return field.Accessor.GetValue(message) switch
            {
                null => "",
                IMessage time when IsTime(field) => JsonFormatter.Default.Format(time).Trim('"'),
                IMessage key => new KeyText(field.MessageType).Format(key),
                _ => "",
            };
        }
        var text = new KeyLeaf([field]).Get(message);
        var isDefault = field.FieldType == FieldType.Enum
            ? field.EnumType.FindValueByNumber(0)?.Name == text
            : text is "0" or "false" && field.FieldType != FieldType.String;
        return isDefault ? "" : text;
    }
}
