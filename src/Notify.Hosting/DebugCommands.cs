using System.Globalization;
using System.Text;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Edge;

namespace Notify.Hosting;

/// <summary>Answers <see cref="DebugRequest"/> with what the process knows of itself. Commands only look; they take microseconds.</summary>
internal sealed class DebugCommands(NodeOptions options, NodeIdentity identity, Mirror mirror, MessageRouter router)
{
    private const int LinesMax = 1000;

    public void Register() => router.Handle(EdgeMessages.Of<DebugRequest>(), received =>
        router.Send(MessageTarget.ToNode(received.Source), Answer((DebugRequest)received.Payload), received));

    private DebugReply Answer(DebugRequest request)
    {
        var reply = new DebugReply { Id = request.Id, Node = options.Name };
        switch (request.Command)
        {
            case "help":
                reply.Output = "counters\nhelp\ninterest\nrejections\nsynced\ntypes\nversion\n";
                break;
            case "counters":
                reply.Output = Counters();
                break;
            case "interest":
                reply.Output = Lines(mirror.Interest.Items.Select(item => $"{item.Type} {item.Selector.Kind}").Order(StringComparer.Ordinal));
                break;
            case "rejections":
                reply.Output = Lines(mirror.Rejections().Select(one => $"{one.Id.Type} {one.Revision}: {one.Reason}"));
                break;
            case "synced":
                reply.Output = mirror.IsSynced ? "yes\n" : "no\n";
                break;
            case "types":
                var snapshot = mirror.Snapshot();
                reply.Output = Lines(mirror.Types.All.Select(type => Line(type.Name, snapshot.Count(type.Name))).Order(StringComparer.Ordinal));
                break;
            case "version":
                reply.Output = $"{identity.Version}\n";
                break;
            default:
                reply.Error = $"There is no command '{request.Command}'; help lists them.";
                break;
        }

        return reply;
    }

    private string Counters() => Lines(
    [
        Line("received", mirror.Counters.Received),
        Line("removed", mirror.Counters.Removed),
        Line("resent", mirror.Counters.Resent),
        Line("flushed", mirror.Counters.Flushed),
        Line("full_syncs", mirror.Counters.FullSyncs),
        Line("sent", mirror.Counters.Sent),
        Line("messages_dropped", mirror.Counters.MessagesDropped),
        Line("rejected", mirror.Counters.Rejected),
    ]);

    private static string Line(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"{name} {value}");

    private static string Lines(IEnumerable<string> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines.Take(LinesMax))
        {
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }
}
