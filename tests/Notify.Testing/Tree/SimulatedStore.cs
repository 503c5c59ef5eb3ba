using Notify.Core.Journal;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Storage;

namespace Notify.Testing.Tree;

/// <summary>A store that several simulated controllers share. Every call is done at once.</summary>
internal sealed class SimulatedStore
{
    private readonly StoreState _state = new(10_000, 1 << 30);

    public SimulatedStore(IEnumerable<TypeDeclaration> types) =>
        Note(_state.Declare([.. types.Where(type => type.Kind != TypeKind.Dynamic)]));

    public Space Space { get; } = new("store", "1");

    public StoreLimits Limits { get; set; } = new();

    /// <summary>Every epoch, oldest first.</summary>
    public List<StoreEpoch> Epochs { get; } = [];

    /// <summary>Every transaction that was committed.</summary>
    public List<Transaction> Committed { get; } = [];

    public long Revision => _state.Head;

    public CommitResult Commit(Transaction transaction)
    {
        if (Limits.Check(transaction) is { } rejected)
        {
            return rejected;
        }

        var (result, epoch) = _state.Commit(transaction);
        if (result is CommitResult.Committed)
        {
            Committed.Add(transaction);
        }

        Note(epoch);
        return result;
    }

    public void Declare(IEnumerable<TypeDeclaration> types) => Note(_state.Declare([.. types]));

    public CommitResult Put(params IEnumerable<Envelope> upserts) => Commit(new Transaction([.. upserts.Select(StoreChange.Put)]));

    public CommitResult Delete(params IEnumerable<ObjectId> ids) => Commit(new Transaction([.. ids.Select(StoreChange.Delete)]));

    /// <summary>What it holds of a type.</summary>
    public IReadOnlyList<Envelope> Objects(string type) => [.. _state.Copy(0)().Objects.Where(envelope => envelope.Id.Type == type).OrderBy(envelope => envelope.Id)];

    private void Note(StoreEpoch? epoch)
    {
        if (epoch is not null)
        {
            _state.Show(epoch.Revision);
            Epochs.Add(epoch);
        }
    }
}
