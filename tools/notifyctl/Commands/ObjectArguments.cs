using System.CommandLine;
using System.CommandLine.Completions;
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
        Description = "A type of the edge model: AppInst, appinsts, ai or edge.v1.AppInst. Case does not matter; notifyctl types lists them.",
        CompletionSources = { TypeWords },
    };

    public static Argument<string[]> TypesOrAll() => new("TYPE")
    {
        Description = "Types: AppInst, appinsts, ai or edge.v1.AppInst. None: all types. notifyctl types lists them.",
        Arity = ArgumentArity.ZeroOrMore,
        CompletionSources = { TypeWords },
    };

    public static Argument<string?> Key() => new("KEY")
    {
        Description = "The key.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<string[]> Files() => new("--file", "-f")
    {
        Description = "A file, a folder (its .yaml, .yml and .json files, not those in folders below), or - for standard input. Repeatable.",
        HelpName = "FILE|DIR|-",
        Required = true,
        Validators = { PathArguments.NotEmpty },
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

    private static IEnumerable<CompletionItem> TypeWords(CompletionContext context) =>
        KnownTypes.Edge.All.SelectMany(type => new[] { type.Plural, type.ShortName }).Distinct(StringComparer.Ordinal).Select(word => new CompletionItem(word));
}
