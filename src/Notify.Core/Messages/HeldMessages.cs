using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Protocol;
using Notify.Core.Sessions;

namespace Notify.Core.Messages;

/// <summary>
/// Messages that have arrived and wait for this node's mirror to apply a revision: bounded in number, bytes and time. They are the node's, not their
/// session's, so they outlast that. Thread safe; hands over and drops outside its lock.
/// </summary>
/// <param name="mirror">Whose revisions count.</param>
/// <param name="limits">The bounds.</param>
/// <param name="due">Takes a message whose revision is applied.</param>
/// <param name="dropped">Is told of a message that is given up, and why.</param>
internal sealed class HeldMessages(Mirror mirror, SessionLimits limits, Action<Message> due, Action<Message, string> dropped)
{
    private readonly Lock _gate = new();
    private readonly List<Held> _held = [];
    private long _bytes;
    private volatile int _count;

    public int Count => _count;

    /// <summary>What a message is to come after is applied here, handlers included; or this node mirrors nothing of a store.</summary>
    public bool IsApplied(StoreRevision after, bool isTop)
    {
        var view = mirror.Snapshot();
        return view.StoredSpace is null
            ? !isTop && !mirror.IsRelay && !mirror.AsksForStored
            : mirror.HasReached(after.Space, after.Revision) && mirror.HandledNumber >= view.Number;
    }

    /// <summary>Holds a message. False where too many wait already.</summary>
    public bool TryHold(Message message, StoreRevision after)
    {
        var held = new Held(message, after);
        lock (_gate)
        {
            if (_held.Count >= limits.HeldMessagesMax || _bytes + held.Bytes > limits.MessageBytesMax)
            {
                return false;
            }

            _held.Add(held);
            (_count, _bytes) = (_held.Count, _bytes + held.Bytes);
        }

        Look(held);
        return true;
    }

    /// <summary>Lets time pass: what has waited for too long is dropped.</summary>
    public void Tick(long nowMs)
    {
        if (_count == 0)
        {
            return;
        }

        Held[] late;
        lock (_gate)
        {
            _held.ForEach(held => held.Since ??= nowMs);
            late = [.. _held.Where(held => nowMs - held.Since >= limits.HeldMessageMs)];
        }

        foreach (var held in late)
        {
            var view = mirror.Snapshot();
            Drop(held, view.StoredSpace == held.After.Space
                ? $"revision {held.After.Revision} was not applied within {limits.HeldMessageMs} ms; the mirror is at {view.StoredRevision}"
                : $"within {limits.HeldMessageMs} ms the mirror did not come to the incarnation of the store that it is of");
        }
    }

    /// <summary>Waits for what has to happen next before the message is due.</summary>
    private void Look(Held held)
    {
        var space = mirror.Snapshot().StoredSpace;
        if (space is null)
        {
            Watch(held, mirror.WhenSpaceIsKnown(() => Look(held)));
        }
        else if (space == held.After.Space)
        {
            held.WasInSpace = true;
            Watch(held, mirror.WhenHandled(space, held.After.Revision, () => Settle(held)));
        }
        else if (space.Id != held.After.Space.Id)
        {
            Drop(held, "its revision is of another store");
        }
        else if (held.WasInSpace)
        {
            Drop(held, "its revision is of the store before a restore");
        }
        else
        {
            // Nobody can tell whether that incarnation is past or yet to come here.
            Watch(held, mirror.WhenShown(space, long.MaxValue, () => Look(held)));
        }
    }

    private void Settle(Held held)
    {
        if (mirror.Snapshot().StoredSpace != held.After.Space)
        {
            Look(held);
        }
        else if (TryTake(held))
        {
            due(held.Message);
        }
    }

    private void Watch(Held held, IDisposable watch)
    {
        lock (_gate)
        {
            if (!held.IsOver)
            {
                held.Watch = watch; // The one before has called back, or this would not be the next.
                return;
            }
        }

        watch.Dispose();
    }

    private void Drop(Held held, string reason)
    {
        if (TryTake(held))
        {
            dropped(held.Message, reason);
        }
    }

    private bool TryTake(Held held)
    {
        IDisposable? watch;
        lock (_gate)
        {
            if (!_held.Remove(held))
            {
                return false;
            }

            (held.IsOver, watch) = (true, held.Watch);
            (_count, _bytes) = (_held.Count, _bytes - held.Bytes);
        }

        watch?.Dispose();
        return true;
    }

    private sealed class Held(Message message, StoreRevision after)
    {
        public Message Message { get; } = message;

        public StoreRevision After { get; } = after;

        public int Bytes { get; } = message.CalculateSize();

        /// <summary>When a tick saw it first.</summary>
        public long? Since { get; set; }

        /// <summary>The mirror has been in the space of the revision: if it is in another one, that is past.</summary>
        public bool WasInSpace { get; set; }

        public bool IsOver { get; set; }

        public IDisposable? Watch { get; set; }
    }
}
