using Notify.Core.Journal;
using Notify.Core.Sync;

namespace Notify.Core.Caches;

/// <summary>Whether what shows is all that was asked for.</summary>
public sealed partial class Mirror
{
    /// <summary>
    /// True when every item of the interest is complete, and no bundle that is too large to be kept aside is being applied: what shows is whole
    /// epochs.
    /// </summary>
    public bool IsSynced
    {
        get
        {
            lock (_gate)
            {
                return HasCompleteInterest;
            }
        }
    }

    /// <summary>All that this node asks for of the store is complete, or nobody serves it.</summary>
    internal bool HasAllStored
    {
        get
        {
            lock (_gate)
            {
                return Upstream.Wanted.All(entry => !IsStored(entry) || entry.Completeness == Completeness.NotServed || HasProof(entry));
            }
        }
    }

    /// <summary>Something is asked for above, by this node or by those below it.</summary>
    internal bool IsAnythingWanted
    {
        get
        {
            lock (_gate)
            {
                return Upstream.Wanted.Count > 0;
            }
        }
    }

    private bool HasCompleteInterest =>
        !IsPartial(isStored: true)
        && !IsPartial(isStored: false)
        && IsInterestAnswered
        && IsEverythingAsked
        && Upstream.Wanted.All(entry => entry.Completeness == Completeness.Complete && !entry.PruneDue);

    private bool IsInterestAnswered => IsAnswered(isStored: true) && IsAnswered(isStored: false);

    /// <summary>
    /// What shows of a space is of the interest as it is now. An item of the one space may bring references in the other, so every change counts, but
    /// not for a space that nothing was asked of: it may have no state to answer from.
    /// </summary>
    private bool IsAnswered(bool isStored) =>
        Upstream.HasAnswered(isStored) || !Upstream.Entries.Values.Any(entry => IsStored(entry) == isStored);

    /// <summary>A part of a bundle shows whose rest is still to come. Where nothing of the space is wanted any more, nothing will, and none of it is left.</summary>
    private bool IsPartial(bool isStored) =>
        (isStored ? Upstream.StoredPartOf is not null : Upstream.DynamicIsPartial)
        && Upstream.Wanted.Any(entry => IsStored(entry) == isStored);

    /// <summary>
    /// What is asked for of the store is there as of the mirror's revision, as far as the upstream has it. Before, a revision says nothing: a node at a relay
    /// that has just started is told of revisions, but of nothing up to them. Called inside the lock.
    /// </summary>
    private bool HasStoredInterest =>
        !IsPartial(isStored: true)
        && IsAnswered(isStored: true)
        && IsEverythingAsked
        && Upstream.Wanted.Where(IsStored).All(entry => entry.Completeness is Completeness.Complete or Completeness.NotServed);

    /// <summary>The mirror shows a revision of a space of the store, with everything that is asked for up to it. Wait for handlers by <see cref="WhenHandled"/>.</summary>
    internal bool HasReached(Space space, long revision)
    {
        lock (_gate)
        {
            return _current.StoredSpace == space && _current.StoredRevision >= revision && HasStoredInterest;
        }
    }

    /// <summary>Something of a store is asked for: there will be revisions of it here.</summary>
    internal bool AsksForStored
    {
        get
        {
            lock (_gate)
            {
                return Upstream.Entries.Values.Any(IsStored);
            }
        }
    }
}
