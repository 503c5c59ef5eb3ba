using Notify.Core.Storage;
using Notify.Core.Storage.Sharing;
using Notify.Core.Types;

namespace Notify.Testing.Tree;

/// <summary>A hub that follows a store and publishes shared objects through it, one thing at a time.</summary>
internal sealed class SimulatedController
{
    private readonly SimulatedStore _store;
    private readonly Publishing _publishing;
    private bool _isDue = true;
    private long _dueAtMs;
    private int _applied;

    public SimulatedController(SimulatedNode node, SimulatedStore store, long nowMs, long takeoverMs = 2000)
    {
        (Node, _store) = (node, store);
        var publications = new Publications(node.Mirror, node.Hub!, store.Limits, node.Process, takeoverMs, nowMs, () => _isDue = true);
        _publishing = new Publishing(node.Mirror, publications, node.Process, retryMs: 0, () => _isDue = true)
        {
            Refused = (id, reason) => Refused.Add($"{TestTypes.Name(id)}: {reason}"),
        };
        node.Mirror.LoadStore(store.Space, revision: 0, []);
    }

    public SimulatedNode Node { get; }

    /// <summary>The store cannot be reached: nothing is read and nothing written.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Does nothing, as if its process were stopped.</summary>
    public bool IsFrozen { get; set; }

    /// <summary>Nothing of the store reaches its mirror.</summary>
    public bool IsBehind { get; set; }

    /// <summary>The next transaction goes here instead, and the controller does not learn what became of it.</summary>
    public bool LosesNextCommit { get; set; }

    /// <summary>What went that way.</summary>
    public List<Transaction> Lost { get; } = [];

    /// <summary>Its record is in the store.</summary>
    public bool IsAnnounced { get; private set; }

    /// <summary>The store has taken the controller's record away: it was not renewed.</summary>
    public void Expire()
    {
        IsAnnounced = false;
        _publishing.LeaseLost();
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

        if (!IsBehind && _applied < _store.Epochs.Count)
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

        if (!_isDue && _dueAtMs > nowMs)
        {
            return false;
        }

        _isDue = false;
        switch (_publishing.Next(nowMs))
        {
            case PublishingStep.Announce:
                _store.Declare([Records.Controllers, Records.Attachments]);
                _store.Put(Records.Controller(Node.Process, Node.Name));
                IsAnnounced = true;
                _publishing.Announced();
                break;
            case PublishingStep.Declare { Type: var type }:
                Declare(type);
                break;
            case PublishingStep.Commit { Transaction: var transaction }:
                Commit(transaction, nowMs);
                break;
            case PublishingStep.Wait { UntilMs: var untilMs }:
                _dueAtMs = untilMs;
                return _isDue;
        }

        return _isDue = true;
    }

    private void Declare(TypeDeclaration type)
    {
        try
        {
            _store.Declare([type]);
            _publishing.Declared(problem: null);
        }
        catch (TypeConflictException e)
        {
            _publishing.Declared(e.Message);
        }
    }

    private void Commit(Transaction transaction, long nowMs)
    {
        if (LosesNextCommit)
        {
            LosesNextCommit = false;
            Lost.Add(transaction);
            _publishing.Failed(nowMs);
            return;
        }

        var answer = _store.Commit(transaction);
        var changes = transaction.Changes.Select(change => $"{(change.Envelope is null ? '-' : '+')}{change.Id.Type}/{TestTypes.Name(change.Id)}");
        Last = $"{Node.Process}: {string.Join(", ", changes)} => {answer}";
        _publishing.Answered(answer);
    }
}
