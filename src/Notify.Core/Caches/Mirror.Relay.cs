using System.Diagnostics;
using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>What a relay can say to the nodes below it: never more than its upstream said.</summary>
public sealed partial class Mirror
{
    private const int AttachmentsMin = 1024;

    /// <summary>What the upstream said last of all that an item of a node below needs. Called inside the lock.</summary>
    internal Completeness CompletenessAbove(string type, IEnumerable<(string Type, Selector Selector)> needs)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "The interest is guarded by the mirror's lock.");
        var isStored = Types.Find(type) is not { IsDynamic: true };
        if (isStored ? Upstream.StoredPartOf is not null : Upstream.DynamicIsPartial)
        {
            return Completeness.NotReady;
        }

        var isItself = true;
        foreach (var need in needs)
        {
            var entry = Upstream.Find(need);
            if (entry is { Completeness: Completeness.NotServed })
            {
                // What nobody serves refers to nothing either.
                if (isItself)
                {
                    return Completeness.NotServed;
                }
            }
            else if (entry is null || !HasProof(entry) || Upstream.DoubtfulTypes.Contains(need.Type))
            {
                return Completeness.NotReady;
            }

            isItself = false;
        }

        return Completeness.Complete;
    }

    /// <summary>
    /// True when a node that was elsewhere up to a revision of the store can go on here: this relay knows all that went since then in what the items
    /// need. Called inside the lock.
    /// </summary>
    internal bool KnowsSince(long revision, IEnumerable<(string Type, Selector Selector)> needs) =>
        !StoredJournal.HasSkipped(revision)
        && needs.All(need => Upstream.Find(need) is { } entry && (entry.Completeness == Completeness.NotServed || entry.CompleteSince <= revision));

    /// <summary>
    /// A relay that wants nothing of the store all the same follows its revisions: nodes that have been further wait for it to be there.
    /// </summary>
    internal void FollowStored(Space space) => Change(() =>
    {
        if (StoredJournal.Space != space && !Upstream.Entries.Values.Any(IsStored))
        {
            StoredJournal.BeginSpace(space, revision: 0);
            Publish();
        }

        return true;
    });

    /// <summary>Items of types that were unknown until now can be asked for.</summary>
    internal void NoteTypesLearned() => InterestChanged?.Invoke();

    /// <summary>A session with the upstream is open, which may yet say what is complete.</summary>
    internal bool HasUpstreamSession => Upstream.HasSession;

    /// <summary>The highest attachment number that the upstream's objects have of a node, or 0. Called inside the lock.</summary>
    internal long AttachmentAbove(string node) => Upstream.Attachments.GetValueOrDefault(node);

    private void NoteAttachment(Stamp stamp)
    {
        if (IsRelay && stamp.Attachment > Upstream.Attachments.GetValueOrDefault(stamp.Node))
        {
            Upstream.Attachments[stamp.Node] = stamp.Attachment;
            if (Upstream.Attachments.Count > AttachmentsMin + (2 * Upstream.Carrier.Keys.Count))
            {
                ForgetAttachments();
            }
        }
    }

    /// <summary>Keeps the numbers of those of whom there still is an object.</summary>
    private void ForgetAttachments()
    {
        Upstream.Attachments.Clear();
        foreach (var id in Upstream.Carrier.Keys)
        {
            var stamp = _dynamic.Held(Upstream.Carrier, id)!.Stamp!.Value;
            Upstream.Attachments[stamp.Node] = Math.Max(stamp.Attachment, Upstream.Attachments.GetValueOrDefault(stamp.Node));
        }
    }

    /// <summary>Draws the conclusions of a bundle for who is below. Called inside the lock, between epochs.</summary>
    private void NoteBundle(IncomingBundle bundle, long before, bool wasPartial, InterestEntry[] withdrawn)
    {
        var journal = bundle.IsStored ? StoredJournal : DynamicJournal;
        if (bundle.IsComplete)
        {
            ForgetScopes(journal, withdrawn);
        }

        if (bundle.IsStored && bundle.IsComplete)
        {
            // Of what came and went between the revisions that this node was at, it knows nothing; others below may have been there.
            journal.NoteSkipped(before, bundle.Revision);
            if (wasPartial)
            {
                // Parts came into the lanes at the revision before.
                journal.RaiseFloors(toSequence: 0);
            }
        }

        NoteCompleteSince(bundle.IsStored, bundle.Revision);
    }

    /// <summary>Notes since when items are known without a break. Called inside the lock, when the upstream has spoken of them.</summary>
    private void NoteCompleteSince(bool isStored, long revision)
    {
        foreach (var entry in Upstream.Entries.Values.Where(entry => IsStored(entry) == isStored))
        {
            entry.CompleteSince = HasProof(entry) ? entry.CompleteSince ?? revision : null;
        }

        // Completeness is no change of any lane, but the nodes below are told of it.
        WakeAll(isStored ? _storedWakes : _dynamicWakes);
    }

    /// <summary>
    /// Withdrawn scopes leave nothing behind: what is below was told, or has no item that could cover it. Called inside the lock, between epochs.
    /// </summary>
    private void ForgetScopes(SpaceJournal journal, IEnumerable<InterestEntry> withdrawn)
    {
        foreach (var scope in withdrawn.Where(entry => entry.Selector.Kind == SelectorKind.Scope).Select(entry => entry.Selector.Scope).Distinct())
        {
            if (!Upstream.Wanted.Any(entry => entry.Selector == Selector.In(scope)))
            {
                journal.ForgetMarkers(scope);
            }
        }
    }
}
