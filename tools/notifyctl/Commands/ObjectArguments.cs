using System.CommandLine;
using Notify.Core.Protocol;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary>Arguments and options that several commands have.</summary>
internal static class ObjectArguments
{
    public const string KeyNotes = """
        KEY is the key's values in the order of its fields, with slashes between; or field=value pairs with commas between; or JSON. The
        type Settings has one object and no key.
        """;

    public static Argument<string> Type() => new("TYPE")
    {
        Description = "A type of the edge model (AppInst), or a full name (edge.v1.AppInst). Case does not matter.",
    };

    public static Argument<string[]> TypesOrAll() => new("TYPE")
    {
        Description = "Types, as AppInst or edge.v1.AppInst. None: all types.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Argument<string?> Key() => new("KEY")
    {
        Description = "The key.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<string?> Scope() => new("--scope")
    {
        Description = "Only objects with this scope: the key of a cloudlet in the edge model, written like any KEY.",
        HelpName = "KEY",
    };

    public static Option<long> MinRevision() => new("--min-revision")
    {
        Description = "Wait until the node has this revision of the store, as apply and delete print it.",
        HelpName = "REVISION",
    };

    public static Option<bool> Revisions() => new("--revisions")
    {
        Description = "Documents (-o yaml, -o json) have the objects' revisions, so that applying them fails where something changed since.",
    };

    /// <summary>Names the object that the command line means.</summary>
    /// <exception cref="CtlException">There is no such type, or the key is not one of it.</exception>
    public static ObjectName NameOf(KnownType type, string? key, KnownTypes types)
    {
        ObjectName name = new() { Type = type.Name };
        if (type.IsSingular && string.IsNullOrEmpty(key))
            return name;
        if (string.IsNullOrEmpty(key))
            throw new CtlException(ExitCode.Usage, $"the key of the {type.ShortName} is missing.", $"Write it as {type.Key.Pattern}.");
        name.Key = type.Compiled.Declaration.KeyLayout.Encode(type.Key.Parse(key, type.ShortName, types.Registry));
        return name;
    }

    /// <summary>The filter for the types and the scope of the command line.</summary>
    /// <exception cref="CtlException">A type is unknown, or the scope is none of theirs.</exception>
    public static ObjectFilter FilterOf(IReadOnlyList<KnownType> chosen, string? scope, KnownTypes types)
    {
        ObjectFilter filter = new();
        filter.Types_.AddRange(chosen.Select(type => type.Name));
        if (scope is null)
            return filter;
        var scoped = chosen.Count > 0 ? chosen : types.All;
        var scopeTypes = scoped.Select(type => type.Compiled.Declaration.ScopeType).OfType<string>().Distinct().ToList();
        if (scopeTypes is not [var scopeType] || types.FindMessage(scopeType) is not { } message)
        {
            var names = string.Join(", ", scoped.Select(type => type.ShortName));
            throw new CtlException(ExitCode.Usage, scopeTypes.Count > 1 ? $"{names} have several scopes." : $"{names} has no scope.", "Leave --scope out, or name other types.");
        }
        var key = new KeyText(message).Parse(scope, message.Name, types.Registry);
        filter.Scope = new ScopeKey { Type = scopeType, Key = Core.Types.KeyLayout.FromDescriptor(message).Encode(key) };
        return filter;
    }
}
