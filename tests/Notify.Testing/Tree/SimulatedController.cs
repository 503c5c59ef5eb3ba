using Notify.Core.Storage;
using Notify.Core.Storage.Sharing;

namespace Notify.Testing.Tree;

/// <summary>A hub that follows a store and publishes shared objects through it, one thing at a time.</summary>
internal sealed class SimulatedController
{
    private readonly SimulatedStore _store;
    private readonly Publications _publications;
    private bool _isDue = true;
    private int _applied;
    private CommitResult? _answer;

    public SimulatedController(SimulatedNode node, SimulatedStore store, long nowMs, long takeoverMs = 2000)
    {
        (Node, _store) = (node, store);
        _publications = new Publications(node.Mirror, node.Hub!, store.Limits, node.Process, takeoverMs, nowMs, () => _isDue = true);
        node.Mirror.LoadStore(store.Space, revision: 0, []);
    }

    public SimulatedNode Node { get; }

    /// <summary>The store cannot be reached: nothing is read and nothing written.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Does nothing, as if its process were stopped.</summary>
    public bool IsFrozen { get; set; }

    /// <summary>Its record is in the store.</summary>
    public bool IsAnnounced { get; private set; }

    /// <summary>The store has taken the controller's record away: it was not renewed.</summary>
    public void Expire()
    {
        IsAnnounced = false;
        _store.Delete(Records.Controller(Node.Process, Node.Name).Id);
    }

    /// <summary>Objects that the store refused.</summary>
    public List<string> Refused { get; } = [];

    /// <summary>Its last transaction and what came of it, for people.</summary>
    public string Last { get; private set; } = "";

    /// <summary>Does one thing, if there is one to do.</summary>
    public bool Step(long nowMs)
    {
        if (IsCutOff || IsFrozen)
        {
            return false;
        }

        if (_applied < _store.Epochs.Count)
        {
            var epoch = _store.Epochs[_applied++];
            foreach (var declaration in epoch.Declarations)
            {
                Node.Mirror.Types.Declare(declaration);
            }

            Node.Mirror.ApplyStoreCommit(
                epoch.Revision,
                epoch.Changes.Select(change => change.Envelope).OfType<Core.Types.Envelope>(),
                epoch.Changes.Where(change => change.Envelope is null).Select(change => change.Id));
            return true;
        }

        if (_answer is { } answer)
        {
            _answer = null;
            if (_publications.Done(answer) is (var id, var reason))
            {
                Refused.Add($"{TestTypes.Name(id)}: {reason}");
            }

            return true;
        }

        if (!_isDue && _publications.NextDueAt > nowMs)
        {
            return false;
        }

        _isDue = false;
        var transaction = _publications.Next(nowMs);
        if (!IsAnnounced && (transaction is not null || _publications.SpeaksForNodes))
        {
            _store.Declare([Records.Controllers, Records.Attachments]);
            _store.Put(Records.Controller(Node.Process, Node.Name));
            IsAnnounced = true;
        }

        _answer = transaction is null ? null : _store.Commit(transaction);
        if (transaction is not null)
        {
            var changes = transaction.Changes.Select(change => $"{(change.Envelope is null ? '-' : '+')}{change.Id.Type}/{TestTypes.Name(change.Id)}");
            Last = $"{Node.Process}: {string.Join(", ", changes)} => {_answer}";
        }

        return transaction is not null;
    }
}
