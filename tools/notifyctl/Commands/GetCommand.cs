using System.CommandLine;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;

namespace Notify.Ctl.Commands;

/// <summary><c>get TYPE KEY</c>: shows one object.</summary>
internal static class GetCommand
{
    public static Command Create(CtlHost host)
    {
        var type = ObjectArguments.Type();
        var key = ObjectArguments.Key();
        var minRevision = ObjectArguments.MinRevision();
        var revisions = ObjectArguments.Revisions();
        CtlCommand command = new("get", "Show one object as the node has it.")
        {
            Notes = ObjectArguments.KeyNotes,
            Examples =
            [
                "notifyctl get AppInst harbor-maps/tiles-europe-zurich -o yaml",
                "notifyctl get AppInst organization=harbor-maps,name=tiles-europe-zurich",
                "notifyctl get Cloudlet '{\"organization\": \"Europe\", \"name\": \"Zurich\"}' --json",
                "notifyctl get ClusterInst Europe/Zurich/Europe/shared     # cloudletKey.organization/cloudletKey.name/organization/name",
                "notifyctl get Settings -o yaml",
            ],
            Arguments = { type, key },
            Options = { minRevision, revisions },
        };
        return host.Bind(command, (context, parsed, cancellationToken) => RunAsync(
            context, parsed.GetRequiredValue(type), parsed.GetValue(key), parsed.GetValue(minRevision), parsed.GetValue(revisions), cancellationToken));
    }

    private static async Task<ExitCode> RunAsync(
        CommandContext context, string typeName, string? key, long minRevision, bool revisions, CancellationToken cancellationToken)
    {
        var type = context.Types.Get(typeName);
        var name = ObjectArguments.NameOf(type, key, context.Types);
        try
        {
            var response = await context.Node.CallAsync(ObjectsMethods.Get, new GetRequest { Object = name, MinRevision = minRevision }, cancellationToken);
            new ObjectWriter(context.Out, context.Error, context.Types, revisions).WriteOne(response.Object, context.Format);
            return ExitCode.Ok;
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.NotFound)
        {
            throw new CtlException(ExitCode.NotFound, $"{context.Node.Address} has no {type.NameOf(name.Key)}.", $"notifyctl list {type.ShortName} shows those that it has.");
        }
    }
}
