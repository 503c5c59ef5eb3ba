using System.Diagnostics;
using System.Runtime.InteropServices;
using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>
/// Decides which version of a dynamic object shows: one journal, several carriers. The latest received shows, and when its carrier
/// withdraws it or ends, the one before does. Of one owner only the newest stamp counts. Guarded by the lock of its mirror; called
/// within an epoch of the journal.
/// </summary>
internal sealed class DynamicObjects(TypeTable types, SpaceJournal journal)
{
    private readonly HashSet<ObjectId> _shadowed = [];
    private readonly HashSet<ObjectId> _hidden = [];

    /// <summary>Other hubs judge by the stamps of what shows here, so a newer session's stamp is news even on an equal version.</summary>
    public bool StampsTravel { get; init; }

    /// <summary>
    /// The number of the latest session of a node of which it is known here what the node has, or 0. What the upstream has of that session or of
    /// earlier ones does not show: it is an older word of the node than what is known here, by a longer way.
    /// </summary>
    public Func<string, long> KnownAs { get; set; } = _ => 0;

    /// <summary>
    /// The latest versions from here and from below of objects of which the upstream's version shows. They have to go up all the same: the
    /// upstream falls back to them.
    /// </summary>
    public IEnumerable<Candidate> Shadowed => _shadowed.Select(id => journal.Find(id)!.Candidates.FindLast(IsOurs)!);

    /// <summary>Takes a version that a carrier brought. False when it changes nothing that shows.</summary>
    public bool Offer(Carrier carrier, Envelope envelope)
    {
        var stamp = envelope.Stamp!.Value;
        if (!IsAbove(carrier) && journal.Find(envelope.Id) is { } known && IsStale(known, stamp))
        {
            // The carrier's own older version may have been forgotten just before.
            return Show(known);
        }

        var record = journal.FindOrAdd(envelope.Id);
        if (!IsAbove(carrier) && Find(record, carrier) is { } same && same.Envelope.Stamp == stamp && same.Envelope.SameContent(envelope))
        {
            // Said before, so not the latest received: a node whose version shows at itself again says it again, and two nodes with one key would
            // take it from each other for ever.
            return false;
        }

        var isNextSession = StampsTravel && !IsAbove(carrier) && record.Candidates.Exists(held => held.Carrier != carrier && held.Carrier.Origin.Equals(carrier.Origin));
        foreach (var held in record.Candidates.Where(held => held.Carrier.Origin.Equals(carrier.Origin) || IsSuperseded(held, carrier, stamp)).ToArray())
        {
            Drop(record, held);
        }

        // Of one owner's versions from below and from above the newer one shows, or else the one from below, whose way is shorter; the other one is
        // there when that ends: each way has its own view of which of the owner's sessions there are.
        var candidate = new Candidate(carrier, envelope with { Origin = carrier.Origin }, journal.OpenRevision);
        var other = record.Candidates.FindIndex(held => held.Envelope.Stamp!.Value.Node == stamp.Node);
        var isBeside = other >= 0
            && (stamp.IsOlderThan(record.Candidates[other].Envelope.Stamp!.Value) || (IsAbove(carrier) && record.Candidates[other].Envelope.Stamp == stamp));
        record.Candidates.Insert(isBeside ? other : record.Candidates.Count, candidate);
        Note(carrier, candidate.Envelope);
        if (Show(record))
        {
            return true;
        }

        if (isNextSession)
        {
            // Said anew, as the neighbour was elsewhere: the hub above may have dropped what its session before said.
            RetellIfShown(record, carrier);
        }

        return false;
    }

    /// <summary>
    /// What an owner, or the same neighbour, said over another session before is superseded by what it says from below. What is above stays until the upstream takes it back,
    /// and replaces here what it is known to be newer than.
    /// </summary>
    private static bool IsSuperseded(Candidate held, Carrier carrier, Stamp stamp) =>
        IsOurs(held)
        && (held.Carrier.Origin.Equals(carrier.Origin)
            || (held.Envelope.Stamp!.Value.Node == stamp.Node
                && (!IsAbove(carrier) || (held.Carrier.IsPast && held.Envelope.Stamp.Value.IsOlderThan(stamp)))));

    /// <summary>The version that a carrier brought, or null.</summary>
    public Envelope? Held(Carrier carrier, ObjectId id) => journal.Find(id) is { } record ? Find(record, carrier)?.Envelope : null;

    /// <summary>Takes back what a carrier brought. False when that does not show.</summary>
    /// <param name="carrier">Whose version to take back.</param>
    /// <param name="id">The object.</param>
    /// <param name="kind">Deleted by the owner, or merely gone from where the carrier sees it.</param>
    /// <param name="stamp">The owner's stamp on a deletion: an older upsert that comes later changes nothing.</param>
    public bool Withdraw(Carrier carrier, ObjectId id, LaneEntryKind kind, Stamp? stamp)
    {
        if (journal.Find(id) is not { } record || (Find(record, carrier) ?? FindOlder(record, carrier)) is not { } held)
        {
            return false;
        }

        if (!IsAbove(carrier) && stamp is { } removal && removal.IsOlderThan(held.Envelope.Stamp!.Value))
        {
            return false;
        }

        Drop(record, held);
        if (stamp is { } last)
        {
            // The owner's last word ends what others have of its earlier ones, too.
            foreach (var older in record.Candidates.Where(older => older.Envelope.Stamp!.Value.IsOlderThan(last)).ToArray())
            {
                Drop(record, older);
            }
        }

        return Show(record, kind, IsAbove(carrier) ? null : stamp);
    }

    /// <summary>Drops what a carrier said of an object, and what is remembered of its removal, as the carrier is about to say it anew.</summary>
    public void Forget(Carrier carrier, KeyRecord record)
    {
        (record.RemovedStamp, record.LastStamp) = (null, null);
        if (Find(record, carrier) is { } held)
        {
            Drop(record, held);
        }
    }

    /// <summary>Takes back all that a carrier brought, but for types that are kept. Returns how many objects no longer show.</summary>
    /// <param name="carrier">The carrier.</param>
    /// <param name="keptToo">Its node is elsewhere, and what is kept of it is there.</param>
    public int Flush(Carrier carrier, bool keptToo = false)
    {
        var flushed = 0;
        foreach (var id in carrier.Keys.Where(id => keptToo || types.Find(id.Type)!.Declaration.Flush).ToArray())
        {
            Withdraw(carrier, id, LaneEntryKind.Deleted, stamp: null);
            flushed += journal.Find(id) is { Current: not null } ? 0 : 1;
        }

        // A flush forgets how far the carrier was: the next session sends everything.
        (carrier.SenderSpace, carrier.SenderRevision) = (null, 0);
        return flushed;
    }

    /// <summary>
    /// Hands one object over to the carrier of a newer session of the same neighbour, which went on from there: it says so now. Where stamps are
    /// looked at, what the neighbour owns counts as that session's: a hub above may know a newer one than that which brought it, and wait for this.
    /// </summary>
    public void Retag(Carrier from, Carrier to, ObjectId id, long attachment)
    {
        var record = journal.Find(id)!;
        var held = Find(record, from)!;
        Debug.Assert(Find(record, to) is null, "What the newer session sent was superseded when it came.");
        var at = record.Candidates.IndexOf(held);
        Unnote(from, held.Envelope);
        Note(to, held.Envelope);
        var stamp = held.Envelope.Stamp!.Value;
        if (!StampsTravel || stamp.Node != to.Origin.Node)
        {
            record.Candidates[at] = held with { Carrier = to };
            return;
        }

        stamp = stamp with { Attachment = attachment };
        // The order among owners stays; of this one's own versions from above, which came by where it was meanwhile, this one is the newer.
        var older = record.Candidates.FindLastIndex(other => IsAbove(other.Carrier) && other.Envelope.Stamp!.Value.IsOlderThan(stamp));
        record.Candidates.RemoveAt(at);
        record.Candidates.Insert(Math.Max(at, older), new Candidate(to, held.Envelope with { Stamp = stamp }, journal.OpenRevision));
        Show(record);
    }

    /// <summary>It is not known here any more what a node has: what the upstream has of it shows.</summary>
    public void ShowHidden(string node)
    {
        foreach (var id in _hidden.Where(id => journal.Find(id)!.Candidates.Exists(held => held.Envelope.Stamp!.Value.Node == node)).ToArray())
        {
            Show(journal.Find(id)!);
        }
    }

    /// <summary>The upstream may have dropped what a neighbour said: it is told again.</summary>
    public void Retell(Carrier carrier, ObjectId id)
    {
        if (journal.Find(id) is { } record && Find(record, carrier) is { } held)
        {
            record.Candidates[record.Candidates.IndexOf(held)] = held with { Revision = journal.OpenRevision };
            RetellIfShown(record, carrier);
        }
    }

    /// <summary>
    /// Of what comes from below: an older word of its owner. The upstream's frames are in order, and what it shows now is what it shows, also when it
    /// fell back to an older version or the owner's new process numbers its sessions anew.
    /// </summary>
    private static bool IsStale(KeyRecord record, Stamp stamp) =>
        (record.RemovedStamp is { } removed && removed.Node == stamp.Node && !removed.IsOlderThan(stamp))
        || (record.LastStamp is { } last && stamp.IsOlderThan(last))
        || record.Candidates.Exists(held => IsOurs(held) && stamp.IsOlderThan(held.Envelope.Stamp!.Value));

    /// <summary>What an earlier session of the same neighbour brought: one that resumed takes it back without having sent it.</summary>
    private static Candidate? FindOlder(KeyRecord record, Carrier carrier) =>
        record.Candidates.FindLast(candidate => candidate.Carrier.Origin.Equals(carrier.Origin));

    private static bool IsAbove(Carrier carrier) => carrier.Origin.Equals(Origin.Upstream);

    private static bool IsOurs(Candidate candidate) => !IsAbove(candidate.Carrier);

    private static Candidate? Find(KeyRecord record, Carrier carrier) => record.Candidates.Find(candidate => candidate.Carrier == carrier);

    private void Note(Carrier carrier, Envelope envelope)
    {
        carrier.Keys.Add(envelope.Id);
        if (!types.Find(envelope.Id.Type)!.Declaration.Flush)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(carrier.KeptOf, envelope.Stamp!.Value.Node, out _)++;
        }
    }

    private void Unnote(Carrier carrier, Envelope envelope)
    {
        carrier.Keys.Remove(envelope.Id);
        var owner = envelope.Stamp!.Value.Node;
        if (!types.Find(envelope.Id.Type)!.Declaration.Flush && --CollectionsMarshal.GetValueRefOrAddDefault(carrier.KeptOf, owner, out _) == 0)
        {
            carrier.KeptOf.Remove(owner);
        }
    }

    private void Drop(KeyRecord record, Candidate held)
    {
        record.Candidates.Remove(held);
        Unnote(held.Carrier, held.Envelope);
    }

    /// <summary>Shows the latest candidate, if it is not what shows already.</summary>
    private bool Show(KeyRecord record, LaneEntryKind kind = LaneEntryKind.Deleted, Stamp? removal = null)
    {
        var (shown, wasShadowed) = Choose(record);
        if (shown is null)
        {
            if (record.Current is null)
            {
                journal.Release(record);
                return false;
            }

            journal.Remove(record, kind, journal.OpenRevision, removal);
            return true;
        }

        var latest = shown.Envelope;
        if (record.Current is { } current
            && current.SameContent(latest)
            && current.Origin.Equals(latest.Origin)
            && current.Stamp!.Value.Node == latest.Stamp!.Value.Node
            && !(StampsTravel && current.Stamp.Value.Attachment < latest.Stamp.Value.Attachment))
        {
            if (wasShadowed && !_shadowed.Contains(record.Id))
            {
                // Nothing changes here, but the upstream holds what was taken back just now.
                journal.Retell(record);
            }

            return false;
        }

        journal.Upsert(record, latest with { Revision = journal.OpenRevision });
        return true;
    }

    private void RetellIfShown(KeyRecord record, Carrier carrier)
    {
        if (record.Current is not null && FindShown(record).Shown?.Carrier == carrier)
        {
            journal.Retell(record);
        }
    }

    /// <summary>The candidate that is to show, or null, and whether the object was in <see cref="Shadowed"/>, which it keeps right.</summary>
    private (Candidate? Shown, bool WasShadowed) Choose(KeyRecord record)
    {
        var (shown, isAnyHidden) = FindShown(record);
        _ = isAnyHidden ? _hidden.Add(record.Id) : _hidden.Count > 0 && _hidden.Remove(record.Id);
        var isShadowed = record.Candidates.Count > 1 && shown is not null && !IsOurs(shown) && record.Candidates.Exists(IsOurs);
        return (shown, isShadowed ? !_shadowed.Add(record.Id) : _shadowed.Remove(record.Id));
    }

    /// <summary>The last candidate that is not hidden, and whether any is. A loop, as every change of an object comes here: nothing is allocated.</summary>
    private (Candidate? Shown, bool IsAnyHidden) FindShown(KeyRecord record)
    {
        var (shown, isAnyHidden) = ((Candidate?)null, false);
        foreach (var held in record.Candidates)
        {
            var isHidden = IsHidden(held);
            (shown, isAnyHidden) = (isHidden ? shown : held, isAnyHidden || isHidden);
        }

        return (shown, isAnyHidden);
    }

    private bool IsHidden(Candidate held) =>
        IsAbove(held.Carrier) && held.Envelope.Stamp!.Value is var stamp && KnownAs(stamp.Node) is > 0 and var known && stamp.Attachment <= known;
}
