using System.Globalization;
using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>Finds options that contradict each other, that do nothing where they are, or that are not what they seem.</summary>
internal sealed class OptionRules(SchemaContext context)
{
    private static readonly HashSet<string> OfCachesOnly = new(StringComparer.Ordinal)
    {
        "notify_custom_update", "notify_recv_hook", "notify_filter_cloudlet_key", "notify_flush", "notify_print_send_recv",
        "notify_dynamic", "notify_shared", "notify_scope_key", "notify_reference", "notify_max_bytes",
    };

    // In a package of edge-cloud's own, other generators read these too.
    private static readonly HashSet<string> OfCachesOnlyHere = new(StringComparer.Ordinal) { "obj_and_key", "custom_key_type", "singular_data" };

    public void Check(MessageDescriptor message)
    {
        var annotations = context.Of(message);
        if (annotations.IsCache && annotations.IsMessage)
        {
            context.Report(SchemaRule.CacheAndMessage, message);
        }

        if (annotations.IsDynamic && annotations.IsShared)
        {
            context.Report(SchemaRule.KindConflict, message);
        }

        if (annotations.BytesMax > int.MaxValue)
        {
            context.Report(SchemaRule.LimitWrong, message, annotations.BytesMax.ToString(CultureInfo.InvariantCulture));
        }

        if (!annotations.IsCache)
        {
            CheckNoCache(message, annotations);
        }
        else if (annotations is { IsDynamic: false, IsShared: false })
        {
            CheckStored(message, annotations);
        }

        CheckBlank(message, annotations);
        CheckGroups(message);
        CheckForeign(message, annotations);
    }

    private static bool IsUsed(OptionDeclaration option, OptionReader written) =>
        option.Type == FieldType.Bool && option.Name != "notify_flush" ? written.IsSet(option.Number) : written.IsWritten(option.Number);

    private void CheckNoCache(MessageDescriptor message, MessageAnnotations annotations)
    {
        var isHere = message.File.Dependencies.Any(file => file.Package == "notify");
        var used = OptionDeclaration.OfMessages
            .Where(option => OfCachesOnly.Contains(option.Name) || (isHere && OfCachesOnlyHere.Contains(option.Name)))
            .Where(option => IsUsed(option, annotations.Written));
        foreach (var option in used)
        {
            if (annotations.IsMessage)
            {
                context.Report(SchemaRule.NoEffect, message, option.Name, "a message type is sent once and not mirrored", "move it to a cache type");
            }
            else
            {
                context.Report(SchemaRule.NoEffect, message, option.Name, "the message is no cache type", "add notify_cache");
            }
        }
    }

    private void CheckStored(MessageDescriptor message, MessageAnnotations annotations)
    {
        const string Remedy = "add notify_dynamic or notify_shared";
        if (annotations.Flush is not null)
        {
            context.Report(SchemaRule.NoEffect, message, "notify_flush", "stored objects belong to no session", Remedy);
        }

        if (annotations.HasCustomUpdate)
        {
            context.Report(SchemaRule.NoEffect, message, "notify_custom_update", "every commit of a stored object is sent on", Remedy);
        }
    }

    private void CheckBlank(MessageDescriptor message, MessageAnnotations annotations)
    {
        const string Cause = "it names nothing";
        foreach (var option in OptionDeclaration.OfMessages.Where(option => IsBlank(option, annotations.Written)))
        {
            context.Report(SchemaRule.NoEffect, message, option.Name, Cause, "write a name");
        }

        foreach (var field in message.Fields.InDeclarationOrder())
        {
            foreach (var option in OptionDeclaration.OfFields.Where(option => IsBlank(option, context.Of(field).Written)))
            {
                context.Report(SchemaRule.NoEffect, field, option.Name, Cause, "write a name");
            }
        }
    }

    private void CheckGroups(MessageDescriptor message)
    {
        foreach (var field in message.Fields.InDeclarationOrder().Where(Groups.IsGroup).SelectMany(group => group.MessageType.Fields.InDeclarationOrder()))
        {
            foreach (var option in OptionDeclaration.OfFields.Where(option => context.Of(field).Written.IsWritten(option.Number)))
            {
                context.Report(SchemaRule.NoEffect, field, option.Name, "the field is in a group", "make the group a message");
            }
        }
    }

    private static bool IsBlank(OptionDeclaration option, OptionReader written) =>
        option.Type == FieldType.String && written.Flag(option.Number) is null && written.IsWritten(option.Number) && written.Text(option.Number).Trim(',', ' ').Length == 0;

    private void CheckForeign(MessageDescriptor message, MessageAnnotations annotations)
    {
        foreach (var option in OptionDeclaration.OfMessages.Where(option => annotations.Written.Foreign.Contains(option.Number)))
        {
            context.Report(SchemaRule.OptionDeclaredOtherwise, message, Arguments(option));
        }

        foreach (var field in message.Fields.InDeclarationOrder())
        {
            foreach (var option in OptionDeclaration.OfFields.Where(option => context.Of(field).Written.Foreign.Contains(option.Number)))
            {
                context.Report(SchemaRule.OptionDeclaredOtherwise, field, Arguments(option));
            }
        }
    }

    private string[] Arguments(OptionDeclaration option)
    {
        var declared = context.Declarations.ForeignOf(option)!;
        return
        [
            option.Number.ToString(CultureInfo.InvariantCulture), declared.FullName, declared.FieldType.ToString().ToLowerInvariant(),
            declared.File.Name, option.Name, option.Type.ToString().ToLowerInvariant(),
        ];
    }
}
