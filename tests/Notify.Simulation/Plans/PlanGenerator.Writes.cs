using System.Collections.Immutable;
using Notify.Core.Types;

namespace Notify.Simulation.Plans;

/// <summary>What writers and publishing nodes do.</summary>
internal sealed partial class PlanGenerator
{
    /// <summary>A first state, in a few transactions, so that there is something to sync.</summary>
    private void Fill()
    {
        var everything = Enumerable.Range(0, Flavors).Select(i => SimTypes.Id(SimTypes.Flavor, $"f{i}"))
            .Concat(Enumerable.Range(0, Apps).Select(i => SimTypes.Id(SimTypes.App, $"a{i}")))
            .Concat(Enumerable.Range(0, Pools).Select(i => SimTypes.Id(SimTypes.Pool, $"p{i}")))
            .Concat(Enumerable.Range(0, Insts).Select(i => SimTypes.Id(SimTypes.Inst, $"i{i}")))
            .Where(_ => _random.Chance(75))
            .Select(Put)
            .ToArray();
        foreach (var chunk in everything.Chunk(8))
        {
            _steps.Add(new Step.Commit(_random.Next(10), [.. chunk]));
        }

        foreach (var node in _leaves.Concat(_hubs))
        {
            if (_random.Chance(80))
            {
                _steps.Add(new Step.Publish(250, node, PublishGroup(node, delete: false)));
            }
        }
    }

    private Step.Commit Commit(int atMs)
    {
        var changes = new Dictionary<ObjectId, ObjectPlan>();
        for (var i = _random.Chance(60) ? 1 : _random.Next(2, 7); i > 0; i--)
        {
            var id = _random.Next(100) switch
            {
                < 12 => SimTypes.Id(SimTypes.Flavor, $"f{_random.Next(Flavors)}"),
                < 35 => SimTypes.Id(SimTypes.App, $"a{_random.Next(Apps)}"),
                < 50 => SimTypes.Id(SimTypes.Pool, $"p{_random.Next(Pools)}"),
                _ => SimTypes.Id(SimTypes.Inst, $"i{_random.Next(Insts)}"),
            };
            changes[id] = _random.Chance(25) ? ObjectPlan.Delete(id) : Put(id);
        }

        return new Step.Commit(atMs, [.. changes.Values]);
    }

    private ObjectPlan Put(ObjectId id)
    {
        var value = _random.Chance(5) ? "same" : $"v{++_values}";
        return id.Type switch
        {
            SimTypes.App => new(id, value, [], Some(70, SimTypes.Flavor, "f", Flavors)),
            SimTypes.Pool => new(id, value, _random.Chance(30) ? SomeSites() : [], []),
            SimTypes.Inst => new(id, value, SomeSites(), [
                .. Some(80, SimTypes.App, "a", Apps), .. Some(40, SimTypes.Pool, "p", Pools), .. Some(10, SimTypes.Flavor, "f", Flavors)]),
            _ => new(id, value, [], []),
        };
    }

    private ImmutableArray<int> SomeSites() => _random.Next(100) switch
    {
        < 5 => [],
        < 80 => [Site()],
        _ => [.. new[] { Site(), Site() }.Distinct().Order()],
    };

    /// <summary>The last site has few objects, and often none.</summary>
    private int Site() => _random.Chance(8) ? Sites - 1 : _random.Next(Sites - 1);

    private ImmutableArray<ObjectId> Some(int percent, string type, string prefix, int count) => !_random.Chance(percent) ? []
        : _random.Chance(75) ? [SimTypes.Id(type, $"{prefix}{_random.Next(count)}")]
        : [.. new[] { _random.Next(count), _random.Next(count) }.Distinct().Order().Select(i => SimTypes.Id(type, $"{prefix}{i}"))];

    private Step.Publish Publication(int atMs)
    {
        var node = _random.Chance(90) ? _random.Pick(_leaves) : _random.Pick(_hubs);
        if (_random.Chance(25))
        {
            return new Step.Publish(atMs, node, PublishGroup(node, delete: _random.Chance(30)));
        }

        var changes = new Dictionary<ObjectId, ObjectPlan>();
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            var id = _random.Next(100) switch
            {
                < 35 => SimTypes.Id(SimTypes.Status, $"{node}/{_random.Next(2)}"),
                < 45 => SimTypes.Id(SimTypes.Status, $"shared{_random.Next(2)}"),
                < 65 => SimTypes.Id(SimTypes.Detail, $"d{_random.Next(4)}"),
                < 75 => SimTypes.Id(SimTypes.Detail, $"{node}/d"),
                < 85 => SimTypes.Id(SimTypes.Alarm, $"shared{_random.Next(3)}"),
                _ => SimTypes.Id(SimTypes.Note, $"{node}/{_random.Next(2)}"),
            };
            changes[id] = _random.Chance(30) ? ObjectPlan.Delete(id) : Publication(id, node);
        }

        return new Step.Publish(atMs, node, [.. changes.Values]);
    }

    private ObjectPlan Publication(ObjectId id, string node)
    {
        var value = _random.Chance(10) ? $"{node}:same" : $"{node}:{++_values}";
        return id.Type == SimTypes.Status
            ? new(id, value, SomeSites(), _random.Chance(50) ? Some(100, SimTypes.Detail, "d", 4) : Some(60, SimTypes.Detail, $"{node}/d", 1))
            : new(id, value, [], []);
    }

    private ImmutableArray<ObjectPlan> PublishGroup(string node, bool delete)
    {
        var value = $"{node}:{++_values}";
        return [.. Group(node).Select(id => delete ? ObjectPlan.Delete(id) : new ObjectPlan(id, value, [], []))];
    }
}
