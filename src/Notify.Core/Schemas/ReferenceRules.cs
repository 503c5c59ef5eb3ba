using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>Finds what objects of a cache type refer to.</summary>
internal sealed class ReferenceRules(SchemaContext context, IReadOnlyDictionary<MessageDescriptor, ResolvedKey?> keys)
{
    private readonly FieldSearch _referring = new(field => context.Of(field).RefersTo.Length > 0);
    private readonly TemplateRules _templates = new(context);

    public IReadOnlyList<ReferenceModel> Resolve(MessageDescriptor message)
    {
        var byField = _referring.In(message).Select(found => FromField(message, found));
        var byTemplate = context.Of(message).References.Select(text => FromTemplate(message, text)).ToList();
        foreach (var twin in byTemplate.OfType<ReferenceModel>().GroupBy(reference => reference).Where(group => group.Count() > 1))
        {
            context.Report(
                SchemaRule.NoEffect, message, $"notify_reference to {twin.Key.Target.FullName}", "another one says the same", "give it other sources");
        }

        return [.. byField.Concat(byTemplate).OfType<ReferenceModel>().Distinct()];
    }

    /// <summary>Whether a name in <c>ignore_refers_to</c> means this reference.</summary>
    public static bool IsNamed(string ignored, string name, MessageDescriptor? target) =>
        ignored == name || ignored == target?.FullName || ignored == target?.Name;

    private ReferenceModel? FromField(MessageDescriptor message, FoundField found)
    {
        var name = context.Of(found.Field).RefersTo;
        if (found.IsEndless)
        {
            return Endless(message, found);
        }

        var target = context.Find(name, found.Field.ContainingType);
        if (IsIgnored(name, target, found.Above))
        {
            return null;
        }

        if (!TryGetKey(target, out var key))
        {
            context.ReportFor(message, SchemaRule.ReferenceUnknown, found.Field, name, FaultOf(target));
            return null;
        }

        var reference = key is null ? null : Match(found, target!, key);
        if (reference is null && key is not null)
        {
            context.ReportFor(message, SchemaRule.ReferenceNeedsTemplate, found.Field, target!.FullName, key.Message.FullName);
        }

        return reference;
    }

    private ReferenceModel? Endless(MessageDescriptor message, FoundField found)
    {
        var inside = found.Value.MessageType;
        var names = _referring.In(inside).Where(inner => !inner.IsEndless).Select(inner => context.Of(inner.Field).RefersTo).Distinct();
        foreach (var name in names.Where(name => !IsIgnored(name, context.Find(name, inside), found.Above)))
        {
            context.Report(SchemaRule.ReferenceRecursive, message, name, inside.FullName);
        }

        return null;
    }

    private static ReferenceModel? Match(FoundField found, MessageDescriptor target, ResolvedKey key)
    {
        var value = found.Value;
        if (value.FieldType == FieldType.Message)
        {
            return value.MessageType == key.Message && key.Source != KeySource.Singular
                ? new(ReferenceForm.Whole, MessageName.Of(target), key.ToModel(), found.Path, default)
                : null;
        }

        var fields = key.Message.Fields.InDeclarationOrder();
        return fields.Count == 1 && TemplateRules.Fits(fields[0], value)
            ? new(ReferenceForm.OneField, MessageName.Of(target), key.ToModel(), found.Path, new([new(FieldStep.Of(fields[0]), default)]))
            : null;
    }

    private ReferenceModel? FromTemplate(MessageDescriptor message, TemplateText text)
    {
        if (text.To.Length == 0)
        {
            context.Report(SchemaRule.ReferenceUnknown, message, "nothing", "a notify_reference without \"to\" does");
            return null;
        }

        var target = context.Find(text.To, message);
        if (IsIgnored(text.To, target, [message]))
        {
            context.Report(SchemaRule.NoEffect, message, $"notify_reference to {text.To}", "ignore_refers_to leaves it out", "take it out of ignore_refers_to");
            return null;
        }

        if (TryGetKey(target, out var key))
        {
            return key is null ? null : _templates.Resolve(message, text, target!, key);
        }

        context.Report(SchemaRule.ReferenceUnknown, message, text.To, FaultOf(target));
        return null;
    }

    /// <summary>False where the target is no cache type; the key is null where the cache type has a problem that is reported there.</summary>
    private bool TryGetKey(MessageDescriptor? target, out ResolvedKey? key)
    {
        key = null;
        return target is not null && keys.TryGetValue(target, out key);
    }

    private static string FaultOf(MessageDescriptor? target) => target is null ? "is no message here" : "is no cache type";

    private bool IsIgnored(string name, MessageDescriptor? target, IEnumerable<MessageDescriptor> above) =>
        above.Select(context.Of).Any(annotations => annotations.IgnoresAll || annotations.Ignored.Any(ignored => IsNamed(ignored, name, target)));
}
