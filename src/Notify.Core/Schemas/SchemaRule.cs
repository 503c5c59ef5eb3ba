namespace Notify.Core.Schemas;

/// <summary>A rule for annotations. The id never changes; docs/diagnostics.md has a section for each.</summary>
/// <param name="Id">NTFY and three digits.</param>
/// <param name="Title">The rule in a few words.</param>
/// <param name="Format">What is wrong and what to do; {0} is the message or field with its file.</param>
/// <param name="IsWarning">What is written has no effect, but the rest works.</param>
internal sealed record SchemaRule(string Id, string Title, string Format, bool IsWarning = false)
{
    public static readonly SchemaRule DescriptorSetMissing = new(
        "NTFY001",
        "No descriptor set",
        "{0}: the generator got no descriptor set. Import Notify.Generator.targets into the project after Grpc.Tools; it makes one of all Protobuf items.",
        IsWarning: true);

    public static readonly SchemaRule DescriptorSetUnreadable = new(
        "NTFY002",
        "Unreadable descriptor set",
        "{0}: the descriptor set cannot be read: {1} Make it again with protoc --include_imports --descriptor_set_out; in a build, clean the project.");

    public static readonly SchemaRule NoKey = new(
        "NTFY003",
        "Cache type without a key",
        "{0} is a cache type without a key. Give it a field whose message has the option obj_key, or set obj_and_key, singular_data or custom_key_type.");

    public static readonly SchemaRule KeyNotAnnotated = new(
        "NTFY004",
        "Key message is not annotated",
        "{0} looks like the key, but its type {1} is not a message with the option obj_key. Set obj_key on the key message, or rename the field.");

    public static readonly SchemaRule KeyAmbiguous = new(
        "NTFY005",
        "More than one key",
        "{0} has more than one key: {1}. Name the key field \"key\", and set only one of obj_and_key, singular_data and custom_key_type.");

    public static readonly SchemaRule KeyUnusable = new(
        "NTFY006",
        "Message cannot be a key",
        "{0}: {1} cannot be a key, because it {2}. A key has a fixed depth, no groups, no oneofs and no extensions.");

    public static readonly SchemaRule CustomKeyUnknown = new(
        "NTFY007",
        "Unknown custom key type",
        "{0}: custom_key_type names {1}, which is no message here. Write its full name and import its file.");

    public static readonly SchemaRule CacheAndMessage = new(
        "NTFY008",
        "Both cache type and message type",
        "{0} has both notify_cache and notify_message. State is mirrored or sent once: remove one, or split the message in two.");

    public static readonly SchemaRule KindConflict = new(
        "NTFY009",
        "Conflicting kinds",
        "{0} has both notify_dynamic and notify_shared. Remove notify_dynamic to publish it through the store, or notify_shared to keep it with its owner.");

    public static readonly SchemaRule NoEffect = new(
        "NTFY010",
        "Option without effect",
        "{0}: {1} has no effect, because {2}. Remove it, or {3}.",
        IsWarning: true);

    public static readonly SchemaRule ReferenceUnknown = new(
        "NTFY011",
        "Reference to an unknown type",
        "{0} refers to {1}, which {2}. Write the full name of a message with notify_cache and import its file, or list it in ignore_refers_to.");

    public static readonly SchemaRule ReferenceNeedsTemplate = new(
        "NTFY012",
        "Reference needs a key template",
        "{0} cannot hold the key of {1}, which is {2}. Remove refers_to and write a notify_reference in the message, with one entry per key field.");

    public static readonly SchemaRule ReferenceRecursive = new(
        "NTFY013",
        "Reference inside a recursive message",
        "{0} refers to {1} from inside {2}, which contains itself, so the references have no fixed depth. Move the field out, or list {1} in ignore_refers_to.");

    public static readonly SchemaRule TemplateWrong = new(
        "NTFY014",
        "Wrong key template",
        "{0}: the notify_reference to {1} is wrong: {2}. Write one entry \"key_field = source.field.path\" per field of {3}, from a source of the same type.");

    public static readonly SchemaRule ReferenceCycle = new(
        "NTFY015",
        "Reference cycle",
        "{0} is in a cycle of references: {1}. What is referred to comes first, so one of them has to go; list its target in ignore_refers_to.");

    public static readonly SchemaRule ScopeUnknown = new(
        "NTFY016",
        "Unknown scope key",
        "{0}: notify_scope_key names {1}, which {2}. Write the full name of a message that the object or its key contains; for one in repeated fields, set notify_scope on them.");

    public static readonly SchemaRule ScopeWrong = new(
        "NTFY017",
        "Wrong scope field",
        "{0}: {1}. All notify_scope fields of a type hold the same message, its scope key.");

    public static readonly SchemaRule ScopeAmbiguous = new(
        "NTFY018",
        "More than one scope field",
        "{0} has more than one {1} to be its scope: {2}. Set notify_scope on the right one.");

    public static readonly SchemaRule LimitWrong = new(
        "NTFY019",
        "Limit out of range",
        "{0}: notify_max_bytes is {1}. Set at most 2147483647.");

    public static readonly SchemaRule NameTaken = new(
        "NTFY020",
        "Generated name is taken",
        "{0}: the generated class {1} has the name of another class: {2}. Rename one of the messages.");

    public static readonly SchemaRule KeyEmpty = new(
        "NTFY021",
        "Key without fields",
        "{0}: {1} cannot be the key, because it has no fields, so there could be one object only. Give it a field, or set singular_data on the cache type.");

    public static readonly SchemaRule ScopeRecursive = new(
        "NTFY022",
        "Scope inside a recursive message",
        "{0} has notify_scope inside {1}, which contains itself, so the scopes have no fixed depth. Move the field out of {1}.");

    public static readonly SchemaRule ScopeUnusable = new(
        "NTFY023",
        "Message cannot be a scope key",
        "{0}: {1} cannot be the scope key, because it {2}. A scope key has fields, a fixed depth, no groups, no oneofs and no extensions.");

    public static readonly SchemaRule OptionDeclaredOtherwise = new(
        "NTFY024",
        "Option number means something else here",
        "{0}: option {1} is not read, because {4} declares it as {2} ({3}) and not as {5} ({6}). Declare it by that name and type, or give the other option another number.",
        IsWarning: true);

    public static readonly SchemaRule FileListedTwice = new(
        "NTFY025",
        "Proto file listed twice",
        "{0} is listed twice, as {1} and {2}. Keep one Protobuf item; two files need different names below their ProtoRoot.");

    public static readonly SchemaRule NamespaceInvalid = new(
        "NTFY026",
        "Wrong C# namespace",
        "{0}: \"{1}\" is no C# namespace. Correct csharp_namespace in {2}.");

    public static readonly SchemaRule GeneratorFailed = new(
        "NTFY099",
        "The generator failed",
        "{0}: the generator failed on this input, which is a mistake in the generator: {1} Please report it with the proto files.");
}
