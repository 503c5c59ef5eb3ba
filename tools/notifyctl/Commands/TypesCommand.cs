using System.CommandLine;
using System.Text.Json.Nodes;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary><c>types</c>: shows what TYPE can be.</summary>
internal static class TypesCommand
{
    private const string Notes = """
        TYPE is any of NAME, SHORT and PLURAL, whatever the case of its letters, or the full name that -o json shows. KIND: anybody writes stored
        objects at a controller; dynamic and shared ones belong to the nodes that publish them. KEY is how a KEY is written, SCOPE what --scope
        takes. LABELS says whether -l can select them. No node is asked: these are the types of the edge model, which this program has the code of.
        """;

    public static Command Create(CtlHost host)
    {
        CtlCommand command = new("types", "Show the types that this program knows, and their short names.")
        {
            Notes = Notes,
            Examples = ["notifyctl types", "notifyctl types --json"],
        };
        return host.Bind(command, (context, _, _) =>
        {
            Write(context, [.. context.Types.All.OrderBy(type => type.ShortName, StringComparer.Ordinal)]);
            return Task.FromResult(ExitCode.Ok);
        });
    }

    private static void Write(CommandContext context, IReadOnlyList<KnownType> types)
    {
        if (context.Format != OutputFormat.Table)
        {
            context.WriteValue(new JsonArray([.. types.Select(ToJson)]));
            return;
        }
        TextTable table = new("NAME", "SHORT", "PLURAL", "KIND", "SCOPE", "LABELS", "KEY");
        foreach (var type in types)
            table.Add(type.ShortName, type.Abbreviation ?? "", type.Plural, KindOf(type), ScopeOf(type) ?? "", type.Labels is null ? "" : "yes", type.Key.Pattern);
        table.Write(context.Out);
    }

    private static JsonObject ToJson(KnownType type) => new()
    {
        ["name"] = type.ShortName,
        ["fullName"] = type.Name,
        ["short"] = type.Abbreviation,
        ["plural"] = type.Plural,
        ["kind"] = KindOf(type),
        ["scope"] = type.Scope,
        ["labels"] = type.Labels is not null,
        ["key"] = new JsonArray([.. type.Key.Leaves.Select(leaf => (JsonNode)leaf.Name)]),
    };

    private static string? ScopeOf(KnownType type) => type.Scope is { } scope ? KnownType.Shorten(scope) : null;

    private static string KindOf(KnownType type) => type.IsStored ? "stored" : type.IsDynamic ? "dynamic" : "shared";
}
