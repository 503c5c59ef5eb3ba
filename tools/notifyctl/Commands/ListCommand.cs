using System.CommandLine;
using Notify.Core.Protocol;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;

namespace Notify.Ctl.Commands;

/// <summary><c>list TYPE</c>: shows objects.</summary>
internal static class ListCommand
{
    private const string Notes = """
        All objects are of one moment. A node that is still filling its mirror says so on standard error.
        """;

    public static Command Create(CtlHost host)
    {
        var types = ObjectArguments.TypesOrAll();
        var scope = ObjectArguments.Scope();
        Option<bool> stored = new("--stored") { Description = "Only stored types: the objects that apply can write." };
        var minRevision = ObjectArguments.MinRevision();
        var revisions = ObjectArguments.Revisions();
        CtlCommand command = new("list", "Show the objects that the node has.")
        {
            Notes = Notes,
            Examples =
            [
                "notifyctl list Cloudlet",
                "notifyctl list AppInst ClusterInst --scope Europe/Zurich",
                "notifyctl list AppInst --scope organization=Europe,name=Zurich --json",
                "notifyctl list --stored -o yaml > copy.yaml       # apply -f copy.yaml writes them again",
            ],
            Arguments = { types },
            Options = { scope, stored, minRevision, revisions },
        };
        return host.Bind(command, (context, parsed, cancellationToken) =>
        {
            var chosen = (parsed.GetValue(types) ?? []).Select(context.Types.Get).Distinct().ToList();
            if (parsed.GetValue(stored))
                chosen = [.. (chosen.Count > 0 ? chosen : context.Types.All).Where(type => type.IsStored)];
            ListRequest request = new()
            {
                Filter = ObjectArguments.FilterOf(chosen, parsed.GetValue(scope), context.Types),
                MinRevision = parsed.GetValue(minRevision),
            };
            return RunAsync(context, request, parsed.GetValue(revisions), cancellationToken);
        });
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, ListRequest request, bool revisions, CancellationToken cancellationToken)
    {
        List<ObjectView> views = [];
        MirrorPosition? position = null;
        await using var call = context.Node.Stream(ObjectsMethods.List, request, endless: false, cancellationToken);
        while (await call.WaitToReadAsync(CancellationToken.None))
        {
            while (call.TryRead(out var response))
            {
                position ??= response.Position;
                views.AddRange(response.Objects);
            }
        }
        new ObjectWriter(context.Out, context.Error, context.Types, revisions).WriteAll(views, context.Format);
        if (position is { Synced: false })
            context.Error.Line($"{context.Error.Paint("note:", Ink.Yellow)} {context.Node.Address} is still filling its mirror; what is missing may exist.");
        if (views.Count == 0 && context.Format == OutputFormat.Table)
            context.Error.Line($"{context.Node.Address} has no such objects.");
        return ExitCode.Ok;
    }
}
