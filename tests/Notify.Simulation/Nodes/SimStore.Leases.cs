using System.Collections.Immutable;
using Notify.Core.Storage;
using Notify.Core.Storage.Sharing;
using Notify.Core.Types;

namespace Notify.Simulation.Nodes;

/// <summary>What controllers write, and their leases, which go by the world's clock as those of a cluster do.</summary>
internal sealed partial class SimStore
{
    private const int RetryMs = 200;

    private readonly Dictionary<ObjectId, SimLease> _leases = [];

    public async Task<long> DeclareAsync(ImmutableArray<TypeDeclaration> types) => (long)await SendAsync(Declaring(types)).ConfigureAwait(false);

    public async Task<CommitResult> CommitAsync(Transaction transaction, SimProcess writer) =>
        (CommitResult)await SendAsync(Committing(transaction, writer)).ConfigureAwait(false);

    /// <summary>Puts an object under a lease, which begins before the object is there.</summary>
    public async Task<SimLease> LeaseAsync(Envelope envelope, int ttlMs, SimProcess holder, Trouble trouble)
    {
        var lease = _leases[envelope.Id] = new SimLease(_world, envelope.Id, ttlMs, holder, () => !trouble.IsDown && !_isOff);
        try
        {
            await CommitAsync(new Transaction([StoreChange.Put(envelope)]), holder).ConfigureAwait(false);
            return lease;
        }
        catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException)
        {
            lease.Abandon();
            throw;
        }
    }

    /// <summary>The store lets go of what a lease keeps, if it has run out.</summary>
    public async void Expire(SimLease lease)
    {
        if (_leases.GetValueOrDefault(lease.Id) != lease || _world.NowMs < lease.ExpiresAtMs)
        {
            return;
        }

        try
        {
            await SendAsync(Committing(new Transaction([StoreChange.Delete(lease.Id)]), writer: null)).ConfigureAwait(false);
            if (_leases.GetValueOrDefault(lease.Id) == lease)
            {
                _leases.Remove(lease.Id);
            }

            lease.IsGone = true;
        }
        catch (Exception e) when (e is StoreUnavailableException or CommitOutcomeUnknownException)
        {
            _world.Schedule(RetryMs, () => Expire(lease));
        }
    }

    /// <summary>A controller's record goes away, though it renews it.</summary>
    public void Revoke(string process)
    {
        if (_leases.GetValueOrDefault(Records.Controller(process, "").Id) is { } lease)
        {
            _world.Fire(Plans.FaultKind.LeaseLost);
            lease.Revoke();
            Expire(lease);
        }
    }

    /// <summary>The store is back, be it as another one: all times to live begin anew, also of records whose holders it does not know.</summary>
    private void AdoptLeases(bool isRestored)
    {
        if (isRestored)
        {
            _leases.Clear();
        }

        foreach (var lease in _leases.Values)
        {
            lease.Extend();
        }

        foreach (var id in Model.At(Model.Head).Keys.Where(id => id.Type == Records.Controllers.Name && !_leases.ContainsKey(id)).Order().ToArray())
        {
            _leases.Add(id, new SimLease(_world, id, _world.Faults.LeaseTtlMs, holder: null, static () => false));
        }
    }
}
