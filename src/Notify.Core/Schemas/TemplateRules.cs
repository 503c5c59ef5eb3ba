using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>Reads key templates: one entry <c>key_field = source.field.path</c> per field of the target's key.</summary>
internal sealed class TemplateRules(SchemaContext context)
{
    /// <summary>True when a value of <paramref name="source"/> can be assigned to <paramref name="target"/>; both hold one value and no default of their own.</summary>
    public static bool Fits(FieldDescriptor target, FieldDescriptor source) =>
        !target.IsRepeated
        && target.FieldType == source.FieldType
        && (target.FieldType != FieldType.Enum || target.EnumType == source.EnumType)
        && (target.FieldType != FieldType.Message || target.MessageType == source.MessageType)
        && !source.ToProto().HasDefaultValue;

    /// <summary>The reference, or null where a problem was reported.</summary>
    public ReferenceModel? Resolve(MessageDescriptor message, TemplateText text, MessageDescriptor target, ResolvedKey key)
    {
        List<TemplateEntry> entries = [];
        foreach (var line in text.Keys)
        {
            var problem = Read(message, key.Message, line, out var entry);
            problem ??= entries.Any(other => other.KeyField == entry!.KeyField) ? $"\"{line}\" sets a field that another entry sets" : null;
            if (problem is not null)
            {
                return Wrong(problem);
            }

            entries.Add(entry!);
        }

        var missing = key.Message.Fields.InDeclarationOrder().FirstOrDefault(field => entries.All(entry => entry.KeyField.Number != field.FieldNumber));
        return missing is null
            ? new(ReferenceForm.Template, MessageName.Of(target), key.ToModel(), default, new(entries))
            : Wrong($"no entry sets {missing.Name}");

        ReferenceModel? Wrong(string problem)
        {
            context.Report(SchemaRule.TemplateWrong, message, target.FullName, problem, key.Message.FullName);
            return null;
        }
    }

    private static string? Read(MessageDescriptor message, MessageDescriptor key, string line, out TemplateEntry? entry)
    {
        entry = null;
        var sides = line.Split('=');
        if (sides.Length != 2)
        {
            return $"\"{line}\" is not of the form \"key_field = source.field.path\"";
        }

        var name = sides[0].Trim();
        if (key.FindFieldByName(name) is not { } keyField)
        {
            return $"{key.FullName} has no field {name}";
        }

        var path = default(FieldPath);
        var inside = message;
        var source = keyField;
        foreach (var step in sides[1].Trim().Split('.'))
        {
            if (inside?.FindFieldByName(step) is not { } field)
            {
                return inside is null ? $"{path} of \"{line}\" holds no message with a field {step}" : $"{inside.FullName} has no field {step}";
            }

            if (field.IsRepeated)
            {
                return $"{field.FullName} of \"{line}\" is repeated, so there is no one value";
            }

            path = path.Add(FieldStep.Of(field));
            source = field;
            inside = field.FieldType == FieldType.Message && field.MessageType.File.Package != "google.protobuf" && !Groups.IsGroup(field) ? field.MessageType : null;
        }

        if (!Fits(keyField, source))
        {
            return $"{source.FullName} does not have the type of {keyField.FullName}, or has a default of its own";
        }

        entry = new(FieldStep.Of(keyField), path);
        return null;
    }
}
