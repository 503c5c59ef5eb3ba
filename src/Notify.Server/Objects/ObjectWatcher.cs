using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Core.Types;
using ObjectChange = Notify.Core.Caches.ObjectChange;
using Scope = Notify.Core.Types.Scope;

namespace Notify.Server.Objects;

/// <summary>
/// One watch: changes of the mirror that match a filter. It holds a view and no queue, so a client that reads slowly gets epochs merged,
/// never split, and costs nothing.
/// </summary>
internal sealed class ObjectWatcher
{
    private readonly Mirror _mirror;
    private readonly ObjectReader _reader;
    private readonly ObjectsOptions _options;
    private readonly WatchRequest _request;
    private readonly IMessageWriter<WatchResponse> _responses;
    private readonly HashSet<string>? _types;
    private readonly Scope? _scope;

    public ObjectWatcher(
        Mirror mirror, ObjectReader reader, ObjectsOptions options, WatchRequest request, IMessageWriter<WatchResponse> responses)
    {
        (_mirror, _reader, _options, _request, _responses) = (mirror, reader, options, request, responses);

        // Without names the watch is of all types, those included that become known later.
        var types = reader.Requests.ReadTypes(request.Filter);
        _types = request.Filter is { Types_.Count: > 0 } ? [.. types.Select(type => type.Name)] : null;
        _scope = ObjectRequests.ReadScope(request.Filter);
    }

    /// <summary>Writes changes until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var seen = _request.HasAfterRevision
            ? await ResumeAsync(cancellationToken).ConfigureAwait(false)
            : await StartAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var change in new MirrorWatch(_mirror, seen).ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            // A view that moved on without any change is told, too: the watcher may go on from there. One of others' changes only is not.
            var events = change.Changes.Select(one => EventOf(one, change.After)).OfType<WatchEvent>().ToList();
            if (events.Count > 0 || change.Changes.Count == 0)
            {
                await WriteAsync(change.After, events, isInitial: false, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<MirrorSnapshot> StartAsync(CancellationToken cancellationToken)
    {
        var now = _mirror.Snapshot();
        var events = ObjectReader.Select(now, _reader.Requests.ReadTypes(_request.Filter), _scope).Select(envelope => PutOf(envelope, now));
        await WriteAsync(now, events, isInitial: true, cancellationToken).ConfigureAwait(false);
        return now;
    }

    private async Task<MirrorSnapshot> ResumeAsync(CancellationToken cancellationToken)
    {
        var after = _request.AfterRevision;
        if (after < 0)
        {
            throw ObjectErrors.Invalid("after_revision", $"{after} is not a revision.");
        }

        var reached = await _reader.SnapshotAsync(after, cancellationToken).ConfigureAwait(false);
        var space = ObjectViews.SpaceOf(reached.StoredSpace, SpaceKind.Stored);
        if (_request.Space is { } asked && (asked.Id, asked.Incarnation) != (space?.Id, space?.Incarnation))
        {
            throw ObjectErrors.Compacted($"Revision {after} is of another store, or of one before a restore.", _mirror.StoredFloor);
        }

        if (_mirror.StoredChangesAfter(after) is not var (now, changed))
        {
            throw ObjectErrors.Compacted(
                $"This node does not remember everything since revision {after}; its oldest is {_mirror.StoredFloor}.", _mirror.StoredFloor);
        }

        // What the watcher knew of each object is not known here, so it is told of all that may concern it.
        var events = changed
            .Select(id => (Id: id, Now: now.Find(id), Rank: _mirror.Types.Find(id.Type)?.Rank ?? 0))
            .OrderBy(change => change.Now is null)
            .ThenBy(change => change.Now is null ? -change.Rank : change.Rank)
            .ThenBy(change => change.Id)
            .Select(change => EventOf(change.Id, matchedBefore: true, change.Now, now))
            .OfType<WatchEvent>()
            .ToList();
        if (events.Count > 0 || (changed.Count == 0 && now.StoredRevision > after))
        {
            await WriteAsync(now, events, isInitial: false, cancellationToken).ConfigureAwait(false);
        }

        return now;
    }

    private WatchEvent? EventOf(ObjectChange change, MirrorSnapshot after) =>
        EventOf(change.Id, change.Old is { } old && ObjectViews.HasScope(old, _scope), change.New, after);

    private WatchEvent? EventOf(ObjectId id, bool matchedBefore, Envelope? now, MirrorSnapshot snapshot)
    {
        if (_types?.Contains(id.Type) == false || (_request.HasAfterRevision && _mirror.Types.Find(id.Type) is { IsDynamic: true }))
        {
            return null;
        }

        if (now is not null && ObjectViews.HasScope(now, _scope))
        {
            return PutOf(now, snapshot);
        }

        return matchedBefore switch
        {
            false => null,
            true when now is null => new WatchEvent { Removed = ObjectViews.NameOf(id) },
            true => new WatchEvent { Left = ObjectViews.NameOf(id) },
        };
    }

    private WatchEvent PutOf(Envelope envelope, MirrorSnapshot snapshot) => new() { Put = ObjectViews.ViewOf(envelope, snapshot, _request.Links) };

    private async Task WriteAsync(MirrorSnapshot now, IEnumerable<WatchEvent> events, bool isInitial, CancellationToken cancellationToken)
    {
        var response = new WatchResponse { Initial = isInitial };
        var bytes = 0;
        foreach (var change in events)
        {
            var size = change.CalculateSize();
            if (bytes > 0 && bytes + size > _options.ResponseBytes)
            {
                response.More = true;
                _responses.Write(response);
                await _responses.FlushAsync(cancellationToken).ConfigureAwait(false);
                (response, bytes) = (new WatchResponse { Initial = isInitial }, 0);
            }

            response.Events.Add(change);
            bytes += size;
        }

        response.Position = ObjectViews.PositionOf(now, _mirror);
        _responses.Write(response);
        await _responses.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
