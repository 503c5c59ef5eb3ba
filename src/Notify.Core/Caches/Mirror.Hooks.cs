using Notify.Core.Journal;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>The hooks of types: which of this node's own updates are sent on, and what to do with what arrives.</summary>
public sealed partial class Mirror
{
    private int _receiveHooked;

    /// <summary>Subscribes for the receive hooks of the registered types, once there are any. Called when types come: with the mirror, or with a cache.</summary>
    internal void RunReceiveHooks()
    {
        if (Types.All.Any(type => type.ObjectType is { HasReceiveHook: true }) && Interlocked.Exchange(ref _receiveHooked, 1) == 0)
        {
            Subscribe(CallReceiveHooks);
        }
    }

    private void CallReceiveHooks(MirrorChange epochs)
    {
        foreach (var change in epochs.Changes)
        {
            if (change.New is not { } received
                || received.Origin.Equals(Origin.Local)
                || Types.Find(change.Id.Type)?.ObjectType is not { HasReceiveHook: true } type)
            {
                continue;
            }

            try
            {
                type.OnReceived(received);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Reject(change, e);
            }
        }
    }

    /// <summary>
    /// Leaves out new versions that their type's hook says are no update of what this node published. The hook is user code and runs outside
    /// the lock; of two threads that publish one object at once, either may be asked about the version before the other's.
    /// </summary>
    private IReadOnlyCollection<Envelope> WithoutNonUpdates(IReadOnlyCollection<Envelope> upserts) =>
        upserts.Any(HasUpdateHook) ? [.. upserts.Where(upsert => !HasUpdateHook(upsert) || IsUpdate(upsert))] : upserts;

    private bool HasUpdateHook(Envelope upsert) => Types.Find(upsert.Id.Type)?.ObjectType is { HasUpdateHook: true };

    private bool IsUpdate(Envelope upsert)
    {
        Envelope? before;
        lock (_gate)
        {
            before = _dynamic.Held(_own, upsert.Id);
        }

        return before is null || Types.Find(upsert.Id.Type)!.ObjectType!.IsUpdate(before, upsert);
    }
}
