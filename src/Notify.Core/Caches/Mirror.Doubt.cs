using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>What some items of the interest say is gone while others, which the upstream has yet to answer, may have it.</summary>
public sealed partial class Mirror
{
    // Of the bundle that is being applied: items were asked for since the interest that it answers, and scopes among them.
    private bool _isInterestNewer;
    private bool _hasNewerScopes;

    private void NoteNewerInterest(uint interestNumber)
    {
        _isInterestNewer = interestNumber < Upstream.InterestTold || !IsEverythingAsked;
        _hasNewerScopes = _isInterestNewer
            && AskedItems.Any(item => item.Selector.Kind == SelectorKind.Scope && IsWanted(item) && IsNewer(Upstream.Find(item), interestNumber));
    }

    private static bool IsNewer(InterestEntry? entry, uint interestNumber) => entry is null || entry.ToldIn > interestNumber;

    /// <summary>
    /// A removal answers an interest that has changed since, and what is asked for by now may have the object all the same: it stays until the
    /// upstream has answered that, or it would go and come back. What was deleted goes, if anything covered it before. Likewise what left one item,
    /// where a relay above has yet to get another.
    /// </summary>
    private bool IsAwaited(Envelope held, bool isDeletion, uint interestNumber)
    {
        if (!isDeletion && Types.Find(held.Id.Type) is { IsDynamic: false } && Covering(held).Any(entry => !HasProof(entry)))
        {
            Upstream.SaidGone.Add(held.Id);
            return true;
        }

        if (!_isInterestNewer)
        {
            return false;
        }

        var covering = Selectors(held).Select(selector => (held.Id.Type, Selector: selector)).Where(IsWanted).ToArray();
        var isAwaited = covering.Any(item => IsNewer(Upstream.Find(item), interestNumber))
            || (_hasNewerScopes && covering.Any(item => item.Selector.Kind == SelectorKind.Referred));
        if (!isAwaited || (isDeletion && covering.Any(item => !IsNewer(Upstream.Find(item), interestNumber))))
        {
            return false;
        }

        Upstream.SaidGone.Add(held.Id);
        return true;
    }

    /// <summary>Ends doubts: when all that could have an object is answered, what was said to be gone and was not brought again goes.</summary>
    private void SettleDoubt(bool isStored)
    {
        var journal = isStored ? StoredJournal : DynamicJournal;
        var isOpen = !Upstream.HasAnswered(isStored) || !IsEverythingAsked;
        Upstream.DoubtfulTypes.RemoveWhere(type => Types.Find(type) is { IsDynamic: true } != isStored);
        foreach (var id in Upstream.SaidGone.Union(Upstream.Doubtful).Where(id => Types.Find(id.Type) is { IsDynamic: true } != isStored).ToArray())
        {
            if (Held(journal, id) is not { } held)
            {
                Upstream.Confirm(id);
                continue;
            }

            var covering = Covering(held).ToArray();
            if (isOpen || !covering.All(HasProof))
            {
                if (covering.Any(HasProof))
                {
                    Upstream.DoubtfulTypes.Add(id.Type);
                }

                continue;
            }

            var isGone = Upstream.SaidGone.Contains(id);
            Upstream.Confirm(id);
            if (isGone)
            {
                Counters.AddRemoved(RemoveAbsent(journal, journal.Find(id)!) ? 1 : 0);
            }
        }
    }

    /// <summary>The session ends: who has said that objects are gone does not say it again to who goes on from there, so what could have them is sent whole.</summary>
    private void LeaveDoubt()
    {
        foreach (var id in Upstream.SaidGone)
        {
            foreach (var entry in Held(Types.Find(id.Type) is { IsDynamic: true } ? DynamicJournal : StoredJournal, id) is { } held ? Covering(held) : [])
            {
                (entry.Revision, entry.Completeness) = (0, Completeness.Unknown);
            }
        }

        Upstream.SaidGone.Clear();
    }

    /// <summary>What the upstream's word of an object is here, or null.</summary>
    private Envelope? Held(SpaceJournal journal, ObjectId id) =>
        journal == StoredJournal ? journal.Find(id)?.Current : _dynamic.Held(Upstream.Carrier, id);

    private IEnumerable<InterestEntry> Covering(Envelope envelope) => Selectors(envelope)
        .Select(selector => Upstream.Find((envelope.Id.Type, selector)))
        .OfType<InterestEntry>()
        .Where(entry => entry.Completeness != Completeness.NotServed);

    /// <summary>All that may choose an object, as far as it alone tells.</summary>
    private static IEnumerable<Selector> Selectors(Envelope envelope) =>
        [Selector.All, Selector.Of(envelope.Id.Key), .. envelope.Scopes.IsEmpty ? [Selector.Referred] : envelope.Scopes.Select(Selector.In)];
}
