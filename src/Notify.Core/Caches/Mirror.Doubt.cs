using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>What some items of the interest say is gone while others, which the upstream has yet to answer, may have it.</summary>
public sealed partial class Mirror
{
    /// <summary>
    /// A removal answers an interest that has changed since, and what is asked for by now may have the object all the same: it stays until the
    /// upstream has answered that, or it would go and come back. What was deleted goes, if anything covered it before.
    /// </summary>
    private bool IsAwaited(Envelope held, bool isDeletion, uint interestNumber)
    {
        if (interestNumber >= Upstream.InterestTold)
        {
            return false;
        }

        var covering = Covering(held).ToArray();
        var isTold = covering.Any(entry => entry.ToldIn <= interestNumber);
        var isAwaited = covering.Any(entry => entry.ToldIn > interestNumber)
            || (covering.Any(entry => entry.Selector.Kind == SelectorKind.Referred)
                && Upstream.Wanted.Any(entry => entry.ToldIn > interestNumber && entry.Selector.Kind == SelectorKind.Scope));
        if (!isAwaited || (isDeletion && isTold))
        {
            return false;
        }

        Upstream.SaidGone.Add(held.Id);
        if (covering.Any(HasProof))
        {
            Upstream.Doubtful.Add(held.Id);
        }

        return true;
    }

    /// <summary>Ends doubts: when all that could have an object is answered, what was said to be gone and was not brought again goes.</summary>
    private void SettleDoubt(bool isStored)
    {
        if (Upstream.SaidGone.Count == 0 && Upstream.Doubtful.Count == 0)
        {
            return;
        }

        var journal = isStored ? StoredJournal : DynamicJournal;
        foreach (var id in Upstream.SaidGone.Concat(Upstream.Doubtful).Where(id => Types.Find(id.Type) is { IsDynamic: true } != isStored).Distinct().ToArray())
        {
            if (journal.Find(id) is not { Current: { } current } record || !IsFromUpstream(journal, record))
            {
                Upstream.Confirm(id);
                continue;
            }

            var covering = Covering(isStored ? current : _dynamic.Held(Upstream.Carrier, id)!).ToArray();
            if (covering.Length > 0 && !(Upstream.HasAnswered(isStored) && covering.All(HasProof)))
            {
                continue;
            }

            var isGone = Upstream.SaidGone.Contains(id);
            Upstream.Confirm(id);
            if (isGone)
            {
                Counters.AddRemoved(RemoveAbsent(journal, record) ? 1 : 0);
            }
        }
    }

    /// <summary>The session ends: who has said that objects are gone does not say it again to who goes on from there, so what could have them is sent whole.</summary>
    private void LeaveDoubt()
    {
        foreach (var id in Upstream.SaidGone)
        {
            var held = Types.Find(id.Type) is { IsDynamic: true } ? _dynamic.Held(Upstream.Carrier, id) : StoredJournal.Find(id)?.Current;
            foreach (var entry in held is null ? [] : Covering(held))
            {
                (entry.Revision, entry.Completeness) = (0, Completeness.Unknown);
            }
        }

        Upstream.SaidGone.Clear();
    }

    private IEnumerable<InterestEntry> Covering(Envelope envelope) => Upstream.Wanted.Where(entry =>
        entry.Type == envelope.Id.Type && entry.Completeness != Completeness.NotServed && entry.Selector.CouldCover(envelope));

    private bool IsFromUpstream(SpaceJournal journal, KeyRecord record) => journal == StoredJournal || Upstream.Carrier.Keys.Contains(record.Id);
}
