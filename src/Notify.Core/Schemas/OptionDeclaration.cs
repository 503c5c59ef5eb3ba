using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>An option as <c>notify/options.proto</c> declares it.</summary>
/// <param name="Number">Its number, by which it is read.</param>
/// <param name="Name">Its name without the package.</param>
/// <param name="Type">The type of its values.</param>
internal sealed record OptionDeclaration(int Number, string Name, FieldType Type)
{
    /// <summary>The options of messages.</summary>
    public static readonly IReadOnlyList<OptionDeclaration> OfMessages =
    [
        new(51007, "obj_key", FieldType.Bool),
        new(51010, "notify_cache", FieldType.Bool),
        new(51016, "notify_message", FieldType.Bool),
        new(51017, "notify_custom_update", FieldType.Bool),
        new(51018, "notify_recv_hook", FieldType.Bool),
        new(51019, "notify_filter_cloudlet_key", FieldType.Bool),
        new(51020, "notify_flush", FieldType.Bool),
        new(51022, "notify_print_send_recv", FieldType.Bool),
        new(51032, "obj_and_key", FieldType.Bool),
        new(51038, "custom_key_type", FieldType.String),
        new(51039, "singular_data", FieldType.Bool),
        new(51054, "ignore_refers_to", FieldType.String),
        new(52500, "notify_dynamic", FieldType.Bool),
        new(52501, "notify_shared", FieldType.Bool),
        new(52502, "notify_scope_key", FieldType.String),
        new(52503, "notify_reference", FieldType.Message),
        new(52504, "notify_max_bytes", FieldType.UInt32),
    ];

    /// <summary>The options of fields.</summary>
    public static readonly IReadOnlyList<OptionDeclaration> OfFields =
    [
        new(51053, "refers_to", FieldType.String),
        new(52510, "notify_scope", FieldType.Bool),
    ];

    /// <summary>True where another package declares this option too: the name and what values look like on the wire agree.</summary>
    public bool IsDeclaredBy(FieldDescriptor extension) =>
        extension.Name == Name && (extension.FieldType == Type || (Name == "ignore_refers_to" && extension.FieldType == FieldType.Bool));
}
