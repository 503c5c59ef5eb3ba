using System.CommandLine;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Types;
using Notify.Edge;

namespace Notify.Ctl.Commands;

/// <summary>What the commands share that send messages of any type.</summary>
internal static class MessageArguments
{
    private static IEnumerable<string> Names => EdgeTypes.Messages.Select(type => KnownType.Shorten(type.Name)).Order(StringComparer.Ordinal);

    public static Argument<string> Type() => new("TYPE")
    {
        Description = $"Type of the message: {string.Join(", ", Names)}.",
        CompletionSources = { _ => Names },
    };

    public static Argument<string?> Message() => new("MESSAGE")
    {
        Description = "The message as JSON. Default: one without any field set.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<string?> Node() => new("--node", "-n") { Description = "Name of the node that it is for, anywhere below.", HelpName = "NODE" };

    public static Option<long> After()
    {
        Option<long> after = new("--after") { Description = "Held until the receiver has applied this revision of the store.", HelpName = "N" };
        after.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && long.TryParse(text, CultureInfo.InvariantCulture, out var number) && number < 1)
                result.AddError($"'{text}' (--after) is no revision. Revisions begin at 1.");
        });
        return after;
    }

    /// <exception cref="CtlException">There is no such type, or the text is no such message.</exception>
    public static IMessage Read(CommandContext context, string typeName, string? json)
    {
        var type = EdgeTypes.Messages.FirstOrDefault(known => known.Name == typeName || string.Equals(KnownType.Shorten(known.Name), typeName, StringComparison.OrdinalIgnoreCase))
            ?? throw new CtlException(ExitCode.Usage, $"there is no message type '{typeName}'{Nearest.Question(typeName, Names)}", $"Known types: {string.Join(", ", Names)}.");
        var empty = type.Parse(ByteString.Empty);
        if (json is null)
            return empty;
        try
        {
            return new JsonParser(JsonParser.Settings.Default.WithTypeRegistry(context.Types.Registry)).Parse(json, empty.Descriptor);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or FormatException)
        {
            throw new CtlException(ExitCode.Usage, $"MESSAGE is no {KnownType.Shorten(type.Name)}: {e.Message}");
        }
    }

    /// <summary>The message inside, or null where its type is not known.</summary>
    public static IMessage? Unpack(Any packed)
    {
        var name = Any.GetTypeName(packed.TypeUrl);
        return EdgeTypes.Messages.FirstOrDefault(type => type.Name == name)?.Parse(packed.Value);
    }
}
