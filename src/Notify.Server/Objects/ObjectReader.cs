using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Core.Types;
using Scope = Notify.Core.Types.Scope;

namespace Notify.Server.Objects;

/// <summary>Answers from the mirror: each answer is of one snapshot.</summary>
internal sealed class ObjectReader(Mirror mirror, ObjectsOptions options, TimeProvider timeProvider)
{
    public ObjectRequests Requests { get; } = new(mirror.Types);

    public async Task<GetResponse> GetAsync(GetRequest request, CancellationToken cancellationToken)
    {
        var id = Requests.ReadName("object", request.Object);
        var snapshot = await SnapshotAsync(request.MinRevision, cancellationToken).ConfigureAwait(false);
        return snapshot.Find(id) is { } envelope
            ? new GetResponse
            {
                Object = ObjectViews.ViewOf(envelope, snapshot, request.Links),
                Position = ObjectViews.PositionOf(snapshot, mirror),
            }
            : throw ObjectErrors.NotFound(id, snapshot.StoredRevision);
    }

    public async Task ListAsync(ListRequest request, IMessageWriter<ListResponse> responses, CancellationToken cancellationToken)
    {
        var types = Requests.ReadTypes(request.Filter);
        var scope = ObjectRequests.ReadScope(request.Filter);
        var snapshot = await SnapshotAsync(request.MinRevision, cancellationToken).ConfigureAwait(false);
        var response = new ListResponse { Position = ObjectViews.PositionOf(snapshot, mirror) };
        var bytes = 0;
        foreach (var envelope in Select(snapshot, types, scope))
        {
            var view = ObjectViews.ViewOf(envelope, snapshot, request.Links);
            var size = view.CalculateSize();
            if (bytes > 0 && bytes + size > options.ResponseBytes)
            {
                responses.Write(response);
                await responses.FlushAsync(cancellationToken).ConfigureAwait(false);
                (response, bytes) = (new ListResponse(), 0);
            }

            response.Objects.Add(view);
            bytes += size;
        }

        responses.Write(response);
    }

    /// <summary>A snapshot with everything up to a revision of the store, once there is one.</summary>
    public async Task<MirrorSnapshot> SnapshotAsync(long minRevision, CancellationToken cancellationToken)
    {
        if (mirror.Snapshot() is var snapshot && snapshot.StoredRevision >= minRevision)
        {
            return snapshot;
        }

        using var timeout = new CancellationTokenSource(options.MirrorTimeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await mirror.WaitForStoredRevisionAsync(minRevision, either.Token).ConfigureAwait(false);
            return mirror.Snapshot();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw ObjectErrors.Behind(minRevision, mirror.Snapshot().StoredRevision, "The read cannot be answered");
        }
    }

    public static IEnumerable<Envelope> Select(MirrorSnapshot snapshot, List<CacheType> types, Scope? scope)
    {
        if (scope is not { } wanted)
        {
            return types.SelectMany(type => snapshot.List(type.Name));
        }

        return types
            .Where(type => type.Declaration.ScopeType == wanted.Type)
            .SelectMany(type => snapshot.ListInScope(type.Name, wanted.Key));
    }
}
