using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.CommandLine;

namespace Notify.Ctl.Remote;

/// <summary>Sends messages to nodes by way of the one at the address.</summary>
internal static class NodeMessages
{
    /// <summary>Sends a message and gives the reply.</summary>
    /// <exception cref="CtlException">There is no such node, or no such reply in time.</exception>
    public static async Task<TReply> SendAsync<TReply>(CommandContext context, string node, IMessage payload, CancellationToken cancellationToken)
        where TReply : class, IMessage<TReply>, new()
    {
        var packed = await SendAsync(context, node, payload, afterRevision: 0, cancellationToken);
        return packed.TryUnpack(out TReply reply)
            ? reply
            : throw new CtlException(ExitCode.Failed, $"{node} replied with {packed.TypeUrl}, not with an {typeof(TReply).Name}.");
    }

    /// <summary>The same for a reply of any type, of a node that may hold the message until it has applied a revision.</summary>
    /// <exception cref="CtlException">There is no such node, or no reply in time.</exception>
    public static async Task<Any> SendAsync(CommandContext context, string node, IMessage payload, long afterRevision, CancellationToken cancellationToken)
    {
        SendMessageRequest message = new()
        {
            Node = node,
            Payload = Any.Pack(payload),
            Timeout = Duration.FromTimeSpan(context.Node.Timeout),
            AfterRevision = afterRevision,
        };
        try
        {
            var response = await context.Node.CallAsync(MessagesMethods.Send, message, cancellationToken);
            return response.Reply ?? throw new CtlException(ExitCode.Failed, $"{node} replied with nothing.");
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.NotFound)
        {
            throw new CtlException(ExitCode.NotFound, $"no node '{node}' is connected below {context.Node.Address}.", "notifyctl nodes shows those that are.");
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.DeadlineExceeded)
        {
            throw new CtlException(
                ExitCode.Unreachable, $"no reply of {node} within {Durations.Format(context.Node.Timeout)}; it may have got the request.", "Give it longer with --timeout.");
        }
    }
}
