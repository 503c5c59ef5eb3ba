using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Core.Types;

namespace Notify.Testing.Tree;

/// <summary>
/// A node of the production engine without any I/O: mirror, router and, where others connect to it, a hub. Handlers run when the tree says
/// so.
/// </summary>
internal sealed class SimulatedNode
{
    private readonly Queue<Action> _work = new();

    public SimulatedNode(
        string name, string process, long nowMs, IEnumerable<TypeDeclaration> types, bool isHub, SessionLimits? limits = null, HubOptions? hub = null,
        JournalLimits? journal = null, bool isRelay = false)
    {
        (Name, Process) = (name, process);
        var table = new TypeTable();
        foreach (var type in types)
        {
            table.Declare(type);
        }

        Mirror = new Mirror(table, new MirrorOptions
        {
            Node = name,
            DynamicSpace = new Space(name, process),
            HasDownstream = isHub,
            IsRelay = isRelay,
            Limits = journal ?? new JournalLimits(),
            Execute = _work.Enqueue,
        });
        Router = new MessageRouter(Mirror, limits);
        Settings = new SessionSettings { Process = process, Role = isRelay ? "relay" : isHub ? "controller" : "leaf", Limits = limits ?? new SessionLimits() };
        if (isHub || isRelay)
        {
            Hub = new Hub(Mirror, hub ?? new HubOptions { SettleMs = 0 }, nowMs);
            (Router.Hub, Hub.Role) = (Hub, Settings.Role);
        }
    }

    public string Name { get; }

    public string Process { get; }

    public Mirror Mirror { get; }

    public MessageRouter Router { get; }

    public Hub? Hub { get; }

    public SessionSettings Settings { get; set; }

    /// <summary>Handlers are not run while this is set: they are slow.</summary>
    public bool HandlersStalled { get; set; }

    public void SetInterest(Func<Interest, Interest> change) => Mirror.SetInterest(change(Mirror.Interest));

    /// <summary>Runs one handler that is due. False when there is none.</summary>
    public bool RunHandler()
    {
        if (HandlersStalled || !_work.TryDequeue(out var work))
        {
            return false;
        }

        work();
        return true;
    }
}
