using System.Globalization;
using System.Text;
using Google.Protobuf;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Edge;
using Notify.Hosting;

namespace Notify.Crm;

/// <summary>
/// The commands of <see cref="ExecRequest"/>. There is no shell, and nothing outside the process is touched; each takes microseconds, so they
/// run where the request arrives. Thread safe.
/// </summary>
internal sealed class ExecCommands
{
    private const int OutputCharsMax = 64 * 1024;
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const int NoSuchCommand = 127;

    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithIndentation());

    private readonly Mirror _mirror;
    private readonly MessageRouter _router;
    private readonly CloudletObjects _objects;
    private readonly NodeIdentity _identity;
    private readonly TimeProvider _time;
    private readonly SortedDictionary<string, Command> _commands;

    public ExecCommands(Mirror mirror, MessageRouter router, CloudletObjects objects, NodeIdentity identity, TimeProvider time)
    {
        (_mirror, _router, _objects, _identity, _time) = (mirror, router, objects, identity, time);
        _commands = new(StringComparer.Ordinal)
        {
            ["describe"] = new("describe [NAME]", "the instance of that name, or ORG/NAME, and what became of it", Describe),
            ["echo"] = new("echo [WORD...]", "the words", (request, _) => (0, string.Join(' ', request.Arguments) + "\n")),
            ["help"] = new("help", "this list", (_, _) => (0, Help())),
            ["hostname"] = new("hostname", "the machine that the resource manager runs on", (_, _) => (0, Environment.MachineName + "\n")),
            ["list"] = new("list", "the instances of the cloudlet with their states", List),
            ["uptime"] = new("uptime", "how long the resource manager has been running", (_, _) => (0, Uptime())),
        };
    }

    private delegate (int ExitCode, string Text) Run(ExecRequest request, MirrorSnapshot snapshot);

    public void Register() => _router.Handle(EdgeMessages.Of<ExecRequest>(), received =>
        _router.Send(MessageTarget.ToNode(received.Source), Answer((ExecRequest)received.Payload), received));

    private ExecReply Answer(ExecRequest request)
    {
        var snapshot = _mirror.Snapshot();
        var (exitCode, text) = !_commands.TryGetValue(request.Command, out var command)
            ? (NoSuchCommand, $"There is no command '{request.Command}'; help lists them.")
            : request.AppInstKey is { } key && Find(key.Organization, key.Name, snapshot) is not [_]
                ? (Failed, $"There is no instance {key.Organization}/{key.Name} at {_objects.Key.Organization}/{_objects.Key.Name}.")
                : command.Run(request, snapshot);
        if (text.Length > OutputCharsMax)
        {
            text = text[..OutputCharsMax] + "\n[cut off]\n";
        }

        return new ExecReply
        {
            Id = request.Id,
            Node = _mirror.Node,
            ExitCode = exitCode,
            Output = exitCode == 0 ? text : "",
            Error = exitCode == 0 ? "" : text,
        };
    }

    private string Help() => string.Concat(_commands.Values.Select(command => $"{command.Usage,-16}  {command.Description}\n"));

    private string Uptime() => string.Create(
        CultureInfo.InvariantCulture, $"up {(_time.GetUtcNow() - _identity.Started).TotalSeconds:0} s, since {_identity.Started:yyyy-MM-dd HH:mm:ss} UTC\n");

    private (int, string) List(ExecRequest request, MirrorSnapshot snapshot)
    {
        var text = new StringBuilder();
        var infos = new AppInstInfoCache(_mirror);
        foreach (var inst in _objects.AppInsts(snapshot).TakeWhile(_ => text.Length <= OutputCharsMax))
        {
            text.Append(inst.Key.Organization).Append('/').Append(inst.Key.Name).Append("  ").Append(StateOf(infos.Get(inst.Key, snapshot))).Append('\n');
        }

        return (0, text.ToString());
    }

    private (int, string) Describe(ExecRequest request, MirrorSnapshot snapshot)
    {
        var named = request.Arguments switch
        {
            [var argument] => Find(argument, snapshot),
            [] when request.AppInstKey is { } key => Find(key.Organization, key.Name, snapshot),
            _ => null,
        };
        return named switch
        {
            null => (WrongUsage, "describe takes the name of one instance."),
            [] => (Failed, $"There is no instance {request.Arguments[0]} at {_objects.Key.Organization}/{_objects.Key.Name}; list shows those that there are."),
            [var inst] => (0, Describe(inst, snapshot)),
            _ => (Failed, $"There are several instances {request.Arguments[0]}: {string.Join(", ", named.Select(inst => $"{inst.Key.Organization}/{inst.Key.Name}"))}."),
        };
    }

    private string Describe(AppInst inst, MirrorSnapshot snapshot)
    {
        var info = new AppInstInfoCache(_mirror).Get(inst.Key, snapshot);
        return $"AppInst {Json.Format(inst)}\nAppInstInfo {(info is null ? "none" : Json.Format(info))}\n";
    }

    private AppInst[] Find(string name, MirrorSnapshot snapshot) => name.Split('/') is [var organization, var inner]
        ? Find(organization, inner, snapshot)
        : [.. _objects.AppInsts(snapshot).Where(inst => inst.Key.Name == name)];

    private AppInst[] Find(string organization, string name, MirrorSnapshot snapshot) =>
        [.. _objects.AppInsts(snapshot).Where(inst => inst.Key.Organization == organization && inst.Key.Name == name)];

    private static string StateOf(AppInstInfo? info) => info is null ? "not reported" : info.State.ToString().ToLowerInvariant();

    private sealed record Command(string Usage, string Description, Run Run);
}
