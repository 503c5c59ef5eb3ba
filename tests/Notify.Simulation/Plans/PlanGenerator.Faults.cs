namespace Notify.Simulation.Plans;

/// <summary>What goes wrong.</summary>
internal sealed partial class PlanGenerator
{
    private void AddFaults()
    {
        Times(FaultKind.Drop, 6, () => new Step.Drop(At(), Leaf()));
        Times(FaultKind.OneWayPartition, 5, () => new Step.Partition(At(), Leaf(), _random.Pick(_hubs), _random.Chance(50), _random.Pick([300, 1500, 5000])));
        Times(FaultKind.StalledReader, 5, () => new Step.Stall(At(), Leaf(), _random.Chance(70), _random.Pick([200, 1000, 2800, 6000])));
        Times(FaultKind.LeafCrash, 4, () => new Step.Crash(At(), Leaf(), false, _random.Pick([0, 300, 3000, -1])));
        Times(FaultKind.HubCrash, 2, () => new Step.Crash(At(), _random.Pick(_hubs), Has(FaultKind.PowerLoss) && _random.Chance(50), _random.Pick([10, 500, 3000])));
        Times(FaultKind.PowerLoss, 3, () => new Step.Crash(At(), Leaf(), true, _random.Pick([100, 2000, 5000])));
        Times(FaultKind.Goodbye, 3, () => new Step.Goodbye(At(), Leaf(), _random.Pick([1, 500, 3000])));
        Times(FaultKind.StoreUnavailable, 2, () => new Step.StoreDown(At(), _random.Pick(_hubs), _random.Pick([200, 2000, 5000])));
        Times(FaultKind.StoreSlow, 2, () => new Step.StoreLag(At(), _random.Pick(_hubs), _random.Pick([50, 400]), _random.Pick([1000, 6000])));
        Times(FaultKind.LaggingController, 2, () => new Step.StoreLag(At(), _random.Pick(_hubs), _random.Pick([1000, 3000]), _random.Pick([1500, 6000])));
        Times(FaultKind.StoreCompaction, 4, () => new Step.Compact(At(), _random.Pick([0, 1, 10])));
        Times(FaultKind.ClockJump, 4, () => new Step.ClockJump(At(), _random.Chance(70) ? Leaf() : _random.Pick(_hubs), _random.Pick([200, 1500, 10_000])));
        Times(FaultKind.SlowHandler, 5, () => new Step.Handlers(At(), Leaf(), _random.Pick([20, 300, 2000]), false, _random.Pick([500, 4000])));
        Times(FaultKind.ThrowingHandler, 4, () => new Step.Handlers(At(), Leaf(), 0, true, _random.Pick([500, 4000])));
        Times(FaultKind.InterestChange, 14, () => new Step.SetInterest(At(), Leaf(), Interest()));
        Times(FaultKind.Twin, 3, () => new Step.Twin(At(), Leaf(), _random.Chance(50), _random.Pick([300, 3000, 6000])));
        Times(FaultKind.BadFrame, 4, () => new Step.BadFrame(At(), Leaf(), _random.Chance(50), _random.Next(4)));
        Times(FaultKind.MixedSchemas, 1, () => new Step.Declare(At(), _random.Pick([SchemaVersion.Current, SchemaVersion.New])));
        AddCoincidences();
    }

    /// <summary>Faults that hit one node close together find what faults apart do not.</summary>
    private void AddCoincidences()
    {
        for (var i = _random.Next(3); i > 0; i--)
        {
            var (node, at) = (Leaf(), At());
            if (Has(FaultKind.InterestChange))
            {
                _steps.Add(new Step.SetInterest(at + _random.Next(100), node, Interest()));
                _steps.Add(new Step.SetInterest(at + _random.Next(100), node, Interest()));
            }

            if (Has(FaultKind.Drop))
            {
                _steps.Add(new Step.Drop(at + _random.Next(100), node));
            }

            for (var commits = _random.Next(4); commits > 0; commits--)
            {
                _steps.Add(Commit(at + _random.Next(100)));
            }
        }
    }

    private void Times(FaultKind kind, int countMax, Func<Step> make)
    {
        if (Has(kind))
        {
            for (var i = _random.Next(1, countMax + 1); i > 0; i--)
            {
                _steps.Add(make());
            }
        }
    }

    private string Leaf() => _random.Pick(_leaves);
}
