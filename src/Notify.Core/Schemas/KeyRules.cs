using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>Finds the key of a cache type.</summary>
internal sealed class KeyRules(SchemaContext context)
{
    /// <summary>The key of <paramref name="message"/>, or null where a problem was reported.</summary>
    public ResolvedKey? Resolve(MessageDescriptor message)
    {
        var annotations = context.Of(message);
        List<string> said = [];
        Note(annotations.IsOwnKey, "obj_and_key");
        Note(annotations.IsSingular, "singular_data");
        Note(annotations.CustomKeyType.Length > 0, "custom_key_type");
        if (said.Count > 1)
        {
            context.Report(SchemaRule.KeyAmbiguous, message, string.Join(", ", said));
            return null;
        }

        var key = annotations.IsSingular ? Singular()
            : annotations.IsOwnKey ? new(KeySource.Self, message)
            : annotations.CustomKeyType.Length > 0 ? Custom(message, annotations.CustomKeyType)
            : InField(message);
        return key is null || IsUsable(key, message) ? key : null;

        void Note(bool isSet, string option)
        {
            if (isSet)
            {
                said.Add(option);
            }
        }
    }

    private static ResolvedKey Singular() => new(KeySource.Singular, Google.Protobuf.WellKnownTypes.Empty.Descriptor);

    private ResolvedKey? Custom(MessageDescriptor message, string name)
    {
        if (context.Find(name, message) is { } key)
        {
            return new(KeySource.Custom, key);
        }

        context.Report(SchemaRule.CustomKeyUnknown, message, name);
        return null;
    }

    private ResolvedKey? InField(MessageDescriptor message)
    {
        var named = message.FindFieldByName("key");
        var candidates = message.Fields.InDeclarationOrder().Where(IsKey).ToList();
        if (named is not null && candidates.Contains(named))
        {
            return new(KeySource.Field, named.MessageType, named);
        }

        switch (candidates.Count)
        {
            case 1:
                return new(KeySource.Field, candidates[0].MessageType, candidates[0]);
            case > 1:
                context.Report(SchemaRule.KeyAmbiguous, message, string.Join(", ", candidates.Select(field => field.Name)));
                return null;
            default:
                if (named is not null)
                {
                    var type = named.FieldType == FieldType.Message ? named.MessageType.FullName : named.FieldType.ToString();
                    context.Report(SchemaRule.KeyNotAnnotated, named, named.IsRepeated ? $"repeated {type}" : Groups.IsGroup(named) ? $"group {type}" : type);
                }
                else
                {
                    context.Report(SchemaRule.NoKey, message);
                }

                return null;
        }
    }

    private bool IsKey(FieldDescriptor field) =>
        field.FieldType == FieldType.Message && !field.IsRepeated && !field.IsMap && !Groups.IsGroup(field) && context.Of(field.MessageType).IsKey;

    private bool IsUsable(ResolvedKey key, MessageDescriptor message)
    {
        if (KeyFaults.Of(key.Message) is { } fault)
        {
            context.Report(SchemaRule.KeyUnusable, message, key.Message.FullName, fault);
            return false;
        }

        if (key.Source != KeySource.Singular && key.Message.Fields.InDeclarationOrder().Count == 0)
        {
            context.Report(SchemaRule.KeyEmpty, message, key.Message.FullName);
            return false;
        }

        return true;
    }
}
