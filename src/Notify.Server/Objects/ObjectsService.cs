using Microsoft.Extensions.Logging;
using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Server.Transport;

namespace Notify.Server.Objects;

/// <summary>
/// Serves <c>notify.v1.Objects</c> over a node's mirror and, at a controller, its store. Thread safe. What each method promises, and its
/// statuses, stand in the proto file.
/// </summary>
public sealed class ObjectsService
{
    private readonly Mirror _mirror;
    private readonly ObjectsOptions _options;
    private readonly ObjectReader _reader;
    private readonly ObjectWriter? _writer;

    /// <summary>Creates the service.</summary>
    /// <param name="mirror">What is read.</param>
    /// <param name="store">What is written; null on a node without a store. The mirror must follow it (<see cref="StoreFeed"/>).</param>
    /// <param name="options">Options.</param>
    /// <param name="timeProvider">The clock of time-outs.</param>
    /// <param name="logger">Logger.</param>
    public ObjectsService(Mirror mirror, IObjectStore? store, ObjectsOptions options, TimeProvider timeProvider, ILogger<ObjectsService> logger)
    {
        (_mirror, _options) = (mirror, options);
        _reader = new ObjectReader(mirror, options, timeProvider);
        _writer = store is null ? null : new ObjectWriter(mirror, store, options, timeProvider, logger);
    }

    private ObjectWriter Writer => _writer ?? throw ObjectErrors.ReadOnly(_options.WriteAt);

    internal Task<PutResponse> PutAsync(PutRequest request, ServerCall call) => Writer.PutAsync(request, call);

    internal Task<DeleteResponse> DeleteAsync(DeleteRequest request, ServerCall call) => Writer.DeleteAsync(request, call);

    internal Task<CommitResponse> CommitAsync(CommitRequest request, ServerCall call) => Writer.CommitAsync(request, call);

    internal Task<GetResponse> GetAsync(GetRequest request, ServerCall call) => _reader.GetAsync(request, call.CancellationToken);

    internal Task ListAsync(ListRequest request, IMessageWriter<ListResponse> responses, ServerCall call) =>
        _reader.ListAsync(request, responses, call.CancellationToken);

    internal Task WatchAsync(WatchRequest request, IMessageWriter<WatchResponse> responses, ServerCall call) =>
        new ObjectWatcher(_mirror, _reader, _options, request, responses).RunAsync(call.CancellationToken);
}
