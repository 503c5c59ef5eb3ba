using System.Globalization;
using System.Text;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Edge;

namespace Notify.Hosting;

/// <summary>Answers <see cref="DebugRequest"/> with what the process knows of itself. Thread safe.</summary>
internal sealed class DebugCommands
{
    private const int LinesMax = 1000;

    private readonly Mirror _mirror;
    private readonly MessageRouter _router;
    private readonly SortedDictionary<string, DebugCommand> _commands = new(StringComparer.Ordinal);

    public DebugCommands(NodeIdentity identity, Mirror mirror, MessageRouter router, IEnumerable<DebugCommand> ofTheProgram)
    {
        (_mirror, _router) = (mirror, router);
        DebugCommand[] ofAll =
        [
            new("counters", Counters),
            new("help", () => _commands.Keys),
            new("interest", () => mirror.Interest.Items.Select(item => $"{item.Type} {item.Selector.Kind}").Order(StringComparer.Ordinal)),
            new("rejections", () => mirror.Rejections().Select(one => $"{one.Id.Type} {one.Revision}: {one.Reason}")),
            new("synced", () => [mirror.IsSynced ? "yes" : "no"]),
            new("types", Types),
            new("version", () => [identity.Version]),
        ];
        foreach (var command in ofAll.Concat(ofTheProgram))
        {
            _commands.Add(command.Name, command);
        }
    }

    public void Register() => _router.Handle(EdgeMessages.Of<DebugRequest>(), received =>
        _router.Send(MessageTarget.ToNode(received.Source), Answer((DebugRequest)received.Payload), received));

    private DebugReply Answer(DebugRequest request)
    {
        var reply = new DebugReply { Id = request.Id, Node = _mirror.Node };
        if (!_commands.TryGetValue(request.Command, out var command))
        {
            reply.Error = $"There is no command '{request.Command}'; help lists them.";
            return reply;
        }

        var text = new StringBuilder();
        foreach (var line in command.Lines().Take(LinesMax))
        {
            text.Append(line).Append('\n');
        }

        reply.Output = text.ToString();
        return reply;
    }

    private string[] Counters()
    {
        var counters = _mirror.Counters;
        return
        [
            Line("received", counters.Received),
            Line("removed", counters.Removed),
            Line("resent", counters.Resent),
            Line("flushed", counters.Flushed),
            Line("full_syncs", counters.FullSyncs),
            Line("stored_full_syncs", counters.StoredFullSyncs),
            Line("sent", counters.Sent),
            Line("messages_dropped", counters.MessagesDropped),
            Line("rejected", counters.Rejected),
        ];
    }

    private IEnumerable<string> Types()
    {
        var snapshot = _mirror.Snapshot();
        return _mirror.Types.All.Select(type => Line(type.Name, snapshot.Count(type.Name))).Order(StringComparer.Ordinal);
    }

    private static string Line(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"{name} {value}");
}
