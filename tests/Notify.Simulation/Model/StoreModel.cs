using System.Collections.Immutable;
using Notify.Core.Types;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Model;

/// <summary>What writers did: the state of the store at each revision, and every version of a dynamic object that anybody published.</summary>
internal sealed class StoreModel
{
    private readonly List<State> _states = [new(ImmutableDictionary<ObjectId, Envelope>.Empty, new(StringComparer.Ordinal))];
    private readonly HashSet<(string Node, ObjectId Id, string Value)> _published = [];
    private readonly Dictionary<(long Revision, InterestPlan Interest), HashSet<ObjectId>> _wanted = [];

    public long Head => _states.Count - 1;

    public void Commit(long revision, IEnumerable<(ObjectId Id, Envelope? Object)> changes)
    {
        var objects = _states[^1].Objects.ToBuilder();
        foreach (var (id, envelope) in changes)
        {
            if (envelope is null)
            {
                objects.Remove(id);
            }
            else if (!objects.TryGetValue(id, out var held) || !held.SameContent(envelope))
            {
                objects[id] = envelope with { Revision = revision };
            }
        }

        Add(revision, _states[^1] with { Objects = objects.ToImmutable() });
    }

    public void Declare(long revision, IReadOnlyDictionary<string, string[]> refersTo)
    {
        var union = new Dictionary<string, string[]>(_states[^1].RefersTo, StringComparer.Ordinal);
        foreach (var (type, targets) in refersTo)
        {
            union[type] = [.. union.GetValueOrDefault(type, []).Union(targets)];
        }

        Add(revision, _states[^1] with { RefersTo = union });
    }

    public IReadOnlyDictionary<ObjectId, Envelope> At(long revision) => _states[(int)revision].Objects;

    /// <summary>At a revision, objects of the first type were declared to refer to the second.</summary>
    public bool Refers(long revision, string from, string to) =>
        _states[(int)revision].RefersTo.TryGetValue(from, out var targets) && targets.Contains(to);

    /// <summary>What a node with an interest has of the store at a revision.</summary>
    public HashSet<ObjectId> Wanted(long revision, InterestPlan interest)
    {
        if (!_wanted.TryGetValue((revision, interest), out var wanted))
        {
            var state = _states[(int)revision];
            wanted = Restriction.Of(state.Objects, (from, to) => state.RefersTo.TryGetValue(from, out var targets) && Array.IndexOf(targets, to) >= 0, interest);
            _wanted.Add((revision, interest), wanted);
        }

        return wanted;
    }

    public void NotePublished(string node, Envelope published) => _published.Add((node, published.Id, published.Value.ToStringUtf8()));

    public bool WasPublished(Envelope envelope) =>
        envelope.Stamp is { } stamp && _published.Contains((stamp.Node, envelope.Id, envelope.Value.ToStringUtf8()));

    private void Add(long revision, State state)
    {
        if (revision != _states.Count)
        {
            throw new InvalidOperationException($"The store went from revision {Head} to {revision}.");
        }

        _states.Add(state);
    }

    private sealed record State(ImmutableDictionary<ObjectId, Envelope> Objects, Dictionary<string, string[]> RefersTo);
}
