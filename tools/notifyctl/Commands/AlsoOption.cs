using System.CommandLine;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Remote;

namespace Notify.Ctl.Commands;

/// <summary><c>--also</c>: further controllers over the same store, for what each knows of its own nodes only.</summary>
internal static class AlsoOption
{
    public const string Name = "--also";

    public static Option<string[]> Create()
    {
        Option<string[]> also = new(Name)
        {
            Description = "Another controller over the same store; may be given several times.",
            HelpName = "HOST:PORT",
        };
        also.Validators.Add(result =>
        {
            foreach (var text in result.Tokens.Select(token => token.Value))
            {
                try
                {
                    NodeAddress.Parse(text, Name);
                }
                catch (CtlException e)
                {
                    result.AddError($"{e.Message} {e.Remedy}");
                }
            }
        });
        return also;
    }

    /// <summary>The node at <c>--address</c>, then the others. Dispose the others.</summary>
    public static IReadOnlyList<NodeConnection> Connect(CommandContext context, string[]? also) =>
        [context.Node, .. (also ?? []).Select(text => new NodeConnection(NodeAddress.Parse(text, Name), context.Node.Timeout))];
}
