using Notify.Core.Journal;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Core.Types;
using Envelope = Notify.Core.Types.Envelope;
using Stamp = Notify.Core.Types.Stamp;

namespace Notify.Core.Sync;

/// <summary>
/// Collects one space's bundles of one session. What is wrong in a frame ends the session: a <see cref="FormatException"/> says why. Belongs
/// to the session and is as little thread safe as it.
/// </summary>
/// <param name="kind">The space.</param>
/// <param name="peerTypes">The peer's types by the numbers it declared.</param>
/// <param name="nodeBelow">
/// Name of the node below that sends: keys are checked, stored types refused, and versions must carry its own stamp. Null: they come from above.
/// </param>
/// <param name="isRelay">The node below sends versions of nodes behind it, too.</param>
/// <param name="limits">Bounds on what is kept aside.</param>
internal sealed class BundleReceiver(SpaceKind kind, Dictionary<uint, CacheType> peerTypes, string? nodeBelow, bool isRelay, SessionLimits limits)
{
    /// <summary>About what a change takes in memory beside the bytes of the frame.</summary>
    private const int ChangeOverheadBytes = 200;

    private IncomingBundle? _open;
    private long _announced;
    private long _received;

    public SpaceKind Kind => kind;

    /// <summary>When the open bundle began, or null.</summary>
    public long? OpenedAt => _open?.OpenedAt;

    public void Begin(BundleBegin begin, long nowMs)
    {
        if (_open is not null)
        {
            throw new FormatException($"A bundle of the {kind} space began before the one before it ended.");
        }

        if (begin.Space is not { Id.Length: > 0, Incarnation.Length: > 0 } space || begin.Revision < 0 || begin.Changes < 0)
        {
            throw new FormatException("A bundle began without its space or with a negative number.");
        }

        (_announced, _received) = (begin.Changes, 0);
        _open = new IncomingBundle(
            WireTypes.FromWire(space)!, kind == SpaceKind.Stored, begin.Revision, begin.Interest, [.. begin.Whole])
        {
            OpenedAt = nowMs,
        };
    }

    /// <summary>Keeps changes aside. Returns the bundle when it has grown too large for that and has to be committed in parts.</summary>
    public IncomingBundle? Add(BundleChanges frame)
    {
        var bundle = Open();
        _received += frame.Changes.Count;
        if (_received > _announced)
        {
            throw new FormatException($"A bundle announced {_announced} changes and has more.");
        }

        foreach (var change in frame.Changes)
        {
            bundle.Changes.Add(Read(change));
        }

        // Small changes take more memory than bytes on the wire; what counts is how much is kept aside.
        bundle.Bytes += frame.CalculateSize() + ((long)ChangeOverheadBytes * frame.Changes.Count);

        return bundle.Bytes > limits.StagedBytesMax ? bundle : null;
    }

    public IncomingBundle End(BundleEnd end)
    {
        var bundle = Open();
        if (end.Revision != bundle.Revision)
        {
            throw new FormatException($"A bundle began for revision {bundle.Revision} and ended for {end.Revision}.");
        }

        bundle.States.AddRange(end.Items.Select(item => (item.Number, (Completeness)item.Completeness)));
        bundle.IsComplete = true;
        _open = null;
        return bundle;
    }

    public void Abort() => _open = null;

    private IncomingBundle Open() => _open ?? throw new FormatException($"No bundle of the {kind} space is open.");

    private IncomingChange Read(Change change)
    {
        if (!peerTypes.TryGetValue(change.Type, out var type))
        {
            throw new FormatException($"Type number {change.Type} was not declared.");
        }

        // Shared objects go up in the dynamic space and come down in the store's.
        if ((nodeBelow is null ? type.IsDynamic : type.IsPublished) != (kind == SpaceKind.Dynamic))
        {
            throw new FormatException(nodeBelow is not null
                ? $"{type.Name} is stored: nodes below cannot send it. Write it at a controller."
                : $"{type.Name} does not belong to the {kind} space.");
        }

        if (nodeBelow is not null && !type.Declaration.KeyLayout.IsCanonical(change.Key))
        {
            throw new FormatException($"A key of {type.Name} is not in canonical form: {Convert.ToHexString(change.Key.Span)}.");
        }

        if (change.Key.Length + change.Value.Length > limits.ObjectBytesMax)
        {
            throw new RefusedException(
                GrpcStatusCode.ResourceExhausted,
                $"An object of {type.Name} has {change.Key.Length + change.Value.Length} bytes; at most {limits.ObjectBytesMax} are taken.");
        }

        var id = new ObjectId(type.Name, change.Key);
        Stamp? stamp = change.Stamp is null ? null : WireTypes.FromWire(change.Stamp);
        if (change.Removed != RemovalReason.None)
        {
            return new IncomingChange(id, null, change.Revision, change.Removed == RemovalReason.Deleted, stamp);
        }

        if (kind == SpaceKind.Dynamic && stamp is not { Node.Length: > 0 })
        {
            throw new FormatException($"A version of {type.Name} has no stamp.");
        }

        // Of another owner's versions the newest stamp would win, and who invents stamps would silence that owner for good.
        if (nodeBelow is not null && !isRelay && stamp is { Node: var owner } && owner != nodeBelow)
        {
            throw new FormatException($"A version of {type.Name} has a stamp of {owner}; {nodeBelow} sends objects of its own only.");
        }

        return new IncomingChange(id, ReadVersion(change, type, id, stamp), change.Revision, false, stamp);
    }

    private Envelope ReadVersion(Change change, CacheType type, ObjectId id, Stamp? stamp)
    {
        if (change.Scopes.Count > 0 && type.Declaration.ScopeType is null)
        {
            throw new FormatException($"An object of {type.Name} has a scope, but the type has none.");
        }

        return new Envelope(id, change.Value)
        {
            Revision = change.Revision,
            Stamp = stamp,
            Origin = Origin.Upstream,
            Scopes = [.. change.Scopes.Select(key => new Scope(type.Declaration.ScopeType!, key))],
            References = [.. change.References.Select(ReadReference)],
        };
    }

    private ObjectId ReadReference(Protocol.Reference reference) =>
        reference.Type == 0 ? new ObjectId(reference.TypeName, reference.Key)
        : peerTypes.TryGetValue(reference.Type, out var type) ? new ObjectId(type.Name, reference.Key)
        : throw new FormatException($"Type number {reference.Type} was not declared.");
}
