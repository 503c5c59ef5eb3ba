using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Storage;
using Notify.Simulation.Disks;
using Notify.Simulation.Plans;
using Notify.Storage.Embedded;

namespace Notify.Simulation.Nodes;

/// <summary>
/// The troubles of a store on a disk. Whenever it is back it must have every write that it answered, of those under way the first so many,
/// and nothing else: "durability".
/// </summary>
internal sealed partial class SimStore
{
    /// <summary>A crash that was to come at an operation comes after this in any case.</summary>
    private const int CrashMaxMs = 300;

    private SimulatedDisk _disk;
    private byte[]? _backup;
    private long _backupRevision;
    private Step.StoreCrash? _crash;
    private int _run;
    private bool _isOff;
    private long _onSinceMs;

    public void CrashSoon(Step.StoreCrash crash)
    {
        if (!_world.Faults.IsDurable || _isOff)
        {
            return;
        }

        _crash = crash;
        _disk.PowerLossAt = _disk.Operations + crash.Operations;
        var run = _run;
        _world.Schedule(CrashMaxMs, () =>
        {
            if (run == _run)
            {
                Crash();
            }
        });
    }

    public void FillDisk(Step.DiskFull full)
    {
        if (_world.Faults.IsDurable)
        {
            var disk = _disk;
            disk.Room = full.Room;
            _world.Schedule(full.ForMs, () => disk.Room = null);
        }
    }

    public void FailDisk(Step.DiskFails fails)
    {
        if (_world.Faults.IsDurable && !_isOff)
        {
            _disk.FailsToSync = true;
            var run = _run;
            _world.Schedule(fails.ForMs, () =>
            {
                if (run == _run)
                {
                    // Somebody has seen that it takes no commits any more, and starts it again.
                    TurnOff("stops as its disk fails");
                    TurnOn(losesPower: true);
                }
            });
        }
    }

    public void BackUp()
    {
        if (_world.Faults.IsDurable && !_isOff)
        {
            var backup = ((IBackUpSource)_store).BackUp();
            (_backup, _backupRevision) = ([.. backup.Pieces.SelectMany(piece => piece.Bytes.ToArray())], backup.Revision);
        }
    }

    public void Restore(Step.Restore restore)
    {
        if (_backup is null)
        {
            return;
        }

        _world.Fire(FaultKind.StoreRestored);
        TurnOff($"is restored as of r{_backupRevision}");
        _world.CrashHubs(restore.LosesPower, restore.DownMs);
        var disk = new SimulatedDisk();
        EmbeddedObjectStore.Restore(new MemoryStream(_backup), disk, new Random(_random.Next(int.MaxValue)));

        // What a restore has made is there for good.
        _disk = disk.AfterPowerLoss(keepsName: static () => false, static _ => 0);
        _underWay.Clear();
        Model = Model.RestoredAt(_backupRevision);
        _committedAtMs.RemoveRange((int)_backupRevision + 1, _committedAtMs.Count - (int)_backupRevision - 1);
        Open(isRestored: true);
        if (!_models.TryAdd(Identity.ToSpace(), Model))
        {
            _world.Fail("durability", "A restored store is the same incarnation.");
        }
    }

    private void HealDisk()
    {
        if (_world.Faults.IsDurable)
        {
            // Whatever ails it, also a disk that fails and nobody has noticed yet.
            TurnOff("stops as the world heals");
            TurnOn(_random.Chance(50));
        }
    }

    private void Crash()
    {
        var crash = _crash!;
        _world.Fire(FaultKind.StoreCrash);
        TurnOff(crash.LosesPower ? "loses power" : "is killed");
        if (crash.WithHubs)
        {
            _world.CrashHubs(crash.LosesPower, crash.DownMs);
        }

        var run = _run;
        _world.Schedule(crash.DownMs, () =>
        {
            if (run == _run)
            {
                TurnOn(crash.LosesPower);
            }
        });
    }

    /// <summary>The store stops without a word, and with it all that it has under way.</summary>
    private void TurnOff(string why)
    {
        _world.Trace.Note(_world.NowMs, $"store {why}");
        _isOff = true;
        _run++;
        foreach (var trouble in _troubles.Values)
        {
            trouble.Cut();
        }
    }

    private void TurnOn(bool losesPower)
    {
        _disk = losesPower ? AfterPowerLoss() : _disk.AfterKill();
        _disk.PowerLossAt = _random.Chance(30) ? _random.Next(6) : null;
        try
        {
            Open();
        }
        catch (PowerLossException)
        {
            // Once more, while it recovered.
            _disk = AfterPowerLoss();
            Open();
        }
    }

    private SimulatedDisk AfterPowerLoss()
    {
        var names = _random.Pick([0, 50, 100]);
        return _disk.AfterPowerLoss(() => _random.Chance(names), Some, _random.Chance(20) ? Some : null);
    }

    private int Some(int bytes) => _random.Pick([0, bytes, _random.Next(bytes + 1)]);

    private void Open(bool isRestored = false)
    {
        _store = OpenOnDisk();
        _disk.PowerLossAt = null;
        (_isOff, _onSinceMs) = (false, _world.NowMs);
        _run++;
        Judge();
        _underWay.Clear();
        if (Model.Head == 0)
        {
            Start(); // Controllers declare their types when they start; the first declaration was lost.
        }

        AdoptLeases(isRestored);
    }

    private EmbeddedObjectStore OpenOnDisk() => EmbeddedObjectStore.Open(
        _disk,
        new Random(_random.Next(int.MaxValue)),
        new EmbeddedStoreOptions
        {
            HistoryRevisionsMax = _world.Faults.StoreHistoryMax,
            LogFileBytes = _world.Faults.LogFileBytes,
            CheckpointBytes = _world.Faults.CheckpointBytes,
            Execute = Execute,
        },
        NullLogger.Instance);

    /// <summary>Compares what the store has come back with to what it may have.</summary>
    private void Judge()
    {
        var revisions = _store.RevisionsAsync(CancellationToken.None).AsTask().Result;
        foreach (var write in _underWay.TakeWhile(_ => Model.Head < revisions.Head))
        {
            Apply(write);
        }

        if (Model.Head != revisions.Head)
        {
            _world.Fail("durability", $"The store came back at revision {revisions.Head}; it had answered for {Model.Head}.");
            return;
        }

        var snapshot = _store.SnapshotAsync(0, CancellationToken.None).AsTask().Result;
        var objects = snapshot.Objects.ToListAsync(CancellationToken.None).AsTask().Result;
        var expected = Model.At(Model.Head);
        if (objects.Count != expected.Count
            || objects.Any(held => !expected.TryGetValue(held.Id, out var envelope) || envelope.Revision != held.Revision || !envelope.SameContent(held)))
        {
            _world.Fail("durability", $"The store came back with other objects than it had at revision {revisions.Head}.");
        }
    }

    private void NoteRefused()
    {
        if (_disk.Room is not null)
        {
            _world.Fire(FaultKind.StoreDiskFull);
        }
    }

    /// <summary>Runs the work of the store's thread: soon, and not at all once the store is off.</summary>
    private void Execute(Action work)
    {
        var run = _run;
        if (_world.Faults.FlushMaxMs == 0)
        {
            Run();
        }
        else
        {
            _world.Schedule(1 + _random.Next(_world.Faults.FlushMaxMs), Run);
        }

        void Run()
        {
            if (run != _run)
            {
                return;
            }

            try
            {
                work();
            }
            catch (PowerLossException)
            {
                Crash();
            }
        }
    }
}
