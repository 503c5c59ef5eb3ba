using System.Collections.Immutable;
using Notify.Core.Protocol;
using Notify.Core.Storage;
using Notify.Core.Storage.Sharing;
using Notify.Simulation.Plans;
using Envelope = Notify.Core.Types.Envelope;
using ObjectId = Notify.Core.Types.ObjectId;
using TypeDeclaration = Notify.Core.Types.TypeDeclaration;

namespace Notify.Simulation.Model;

/// <summary>What writers did: the state of the store at each revision, and every version of a dynamic object that anybody published.</summary>
internal sealed class StoreModel
{
    private readonly List<State> _states;
    private readonly Dictionary<(string Node, ObjectId Id, string Value), HashSet<object>> _published;
    private readonly Dictionary<(long Revision, InterestPlan Interest), HashSet<ObjectId>> _wanted = [];

    private StoreModel(List<State> states, Dictionary<(string, ObjectId, string), HashSet<object>> published) =>
        (_states, _published, First) = (states, published, states.Count - 1);

    public StoreModel()
        : this([new(ImmutableDictionary<ObjectId, Envelope>.Empty, new(StringComparer.Ordinal))], [])
    {
    }

    /// <summary>The revision that the store was made with: 0, or that of the backup it was restored from.</summary>
    public long First { get; }

    public long Head => _states.Count - 1;

    /// <summary>Another store, restored from a backup as of a revision.</summary>
    public StoreModel RestoredAt(long revision) => new(_states[..(int)(revision + 1)], _published);

    /// <summary>The next revision; false where conditions do not hold or the changes change nothing, so that there is none.</summary>
    public bool Commit(Transaction transaction)
    {
        var revision = Head + 1;
        var objects = _states[^1].Objects.ToBuilder();
        if (!transaction.Conditions.All(condition => (objects.GetValueOrDefault(condition.Id)?.Revision ?? 0) == condition.Revision))
        {
            return false;
        }

        var isChanged = false;
        foreach (var (id, envelope) in transaction.Changes.Select(change => (change.Id, change.Envelope)))
        {
            if (envelope is null)
            {
                isChanged |= objects.Remove(id);
            }
            else if (!objects.TryGetValue(id, out var held) || !held.SameContent(envelope) || held.Stamp != envelope.Stamp)
            {
                objects[id] = envelope with { Revision = revision };
                isChanged = true;
            }
        }

        if (isChanged)
        {
            _states.Add(_states[^1] with { Objects = objects.ToImmutable() });
        }

        return isChanged;
    }

    /// <summary>The next revision; false where all that was known.</summary>
    public bool Declare(IReadOnlyCollection<TypeDeclaration> types)
    {
        var known = _states[^1].RefersTo;
        if (types.All(type => known.TryGetValue(type.Name, out var targets) && type.RefersTo.All(targets.Contains)))
        {
            return false;
        }

        var union = new Dictionary<string, string[]>(_states[^1].RefersTo, StringComparer.Ordinal);
        foreach (var type in types)
        {
            union[type.Name] = [.. union.GetValueOrDefault(type.Name, []).Union(type.RefersTo)];
        }

        _states.Add(_states[^1] with { RefersTo = union });
        return true;
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

    /// <summary>A transaction for people.</summary>
    public static string Text(Transaction transaction) => string.Join(' ', transaction.Changes.Select(change => change.Envelope is not { } envelope
        ? $"-{SimTypes.Name(change.Id)}"
        : Records.Has(change.Id.Type) ? $"{SimTypes.Name(change.Id)}={Describe(envelope)}"
        : $"{SimTypes.Name(change.Id)}={envelope.Value.ToStringUtf8()}{(envelope.Stamp is { } stamp ? $"[{stamp.Node}/{stamp.Attachment}/{stamp.Revision}]" : "")}"));

    private static string Describe(Envelope record) =>
        record.Id.Type == Records.Attachments.Name && AttachRecord.Parser.ParseFrom(record.Value) is var attach
            ? $"{attach.Process}/{attach.Attachment}@{attach.Controller}"
            : "";

    public void NotePublished(string node, object process, Envelope published)
    {
        if (!_published.TryGetValue((node, published.Id, published.Value.ToStringUtf8()), out var processes))
        {
            _published.Add((node, published.Id, published.Value.ToStringUtf8()), processes = []);
        }

        processes.Add(process);
    }

    public bool WasPublished(Envelope envelope) => PublishersOf(envelope).Count > 0;

    /// <summary>
    /// One process of the node may have said both. Each process counts its sessions for itself, and comes to numbers above those before only where it meets
    /// somebody who knows them.
    /// </summary>
    public bool AreOfOneProcess(Envelope one, Envelope other) => PublishersOf(one).Overlaps(PublishersOf(other));

    private HashSet<object> PublishersOf(Envelope envelope) =>
        envelope.Stamp is { } stamp ? _published.GetValueOrDefault((stamp.Node, envelope.Id, envelope.Value.ToStringUtf8()), []) : [];

    private sealed record State(ImmutableDictionary<ObjectId, Envelope> Objects, Dictionary<string, string[]> RefersTo);
}
