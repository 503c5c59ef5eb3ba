using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Simulation.Nodes;

/// <summary>An object that a store keeps while somebody renews it. Without a holder, as after a restore, nobody does.</summary>
internal sealed class SimLease : IStoreLease
{
    private readonly World _world;
    private readonly SimProcess? _holder;
    private readonly Func<bool> _isReachable;
    private readonly int _ttlMs;
    private readonly TaskCompletionSource _lost = new();
    private bool _isOver;

    public SimLease(World world, ObjectId id, int ttlMs, SimProcess? holder, Func<bool> isReachable)
    {
        (_world, Id, _ttlMs, _holder, _isReachable) = (world, id, ttlMs, holder, isReachable);
        Extend();
        if (holder is not null)
        {
            world.Schedule(ttlMs / 3, Renew);
        }
    }

    public ObjectId Id { get; }

    public Task Lost => _lost.Task;

    /// <summary>By the world's clock.</summary>
    public long ExpiresAtMs { get; private set; }

    /// <summary>The store has let go of the object.</summary>
    public bool IsGone { get; set; }

    /// <summary>The time to live begins anew; nothing is lost while the store itself is away.</summary>
    public void Extend()
    {
        ExpiresAtMs = _world.NowMs + _ttlMs;
        _world.Schedule(_ttlMs, () => _world.Store.Expire(this));
    }

    /// <summary>The store lets go of it at once.</summary>
    public void Revoke() => ExpiresAtMs = _world.NowMs;

    /// <summary>Who asked for it does not renew it.</summary>
    public void Abandon() => _isOver = true;

    /// <summary>The holder stops: the object goes at once.</summary>
    public void Release()
    {
        _isOver = true;
        Revoke();
        _world.Store.Expire(this);
    }

    public ValueTask DisposeAsync()
    {
        Release();
        return ValueTask.CompletedTask;
    }

    private void Renew()
    {
        if (_isOver || !_holder!.IsAlive)
        {
            return;
        }

        if (_holder.IsFrozen)
        {
            _world.Schedule(_holder.ThawsInMs, Renew);
        }
        else if (!_isReachable())
        {
            _world.Schedule(_ttlMs / 10, Renew);
        }
        else if (IsGone)
        {
            _lost.TrySetResult();
        }
        else
        {
            Extend();
            _world.Schedule(_ttlMs / 3, Renew);
        }
    }
}
