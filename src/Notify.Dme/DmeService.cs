using Notify.Core.Caches;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Server.Transport;

namespace Notify.Dme;

/// <summary>Serves <c>edge.v1.Dme</c>. Thread safe; answers come from memory.</summary>
internal sealed class DmeService(Mirror mirror, Matcher matcher)
{
    private long _found;
    private long _notFound;

    /// <summary>How many calls were answered with an instance.</summary>
    public long Found => Volatile.Read(ref _found);

    /// <summary>How many calls there was no instance for.</summary>
    public long NotFound => Volatile.Read(ref _notFound);

    public Task<FindCloudletResponse> FindCloudletAsync(FindCloudletRequest request, ServerCall call)
    {
        if (request.App is not { Organization.Length: > 0, Name.Length: > 0 } app)
        {
            throw Invalid("app", "organization and name must be set.");
        }

        if (request.Location is not { Latitude: >= -90 and <= 90, Longitude: >= -180 and <= 180 } location)
        {
            throw Invalid("location", "latitude must be from -90 to 90 and longitude from -180 to 180.");
        }

        var (match, whyNot) = matcher.Find(app, location);
        if (match is not null)
        {
            Interlocked.Increment(ref _found);
            return Task.FromResult(match);
        }

        Interlocked.Increment(ref _notFound);

        // What is missing in a mirror that is not complete may exist.
        throw mirror.IsSynced
            ? new GrpcException(GrpcStatusCode.NotFound, whyNot)
            : new GrpcException(GrpcStatusCode.Unavailable, "The mirror of this engine is not complete yet. So far: " + whyNot);
    }

    private static GrpcException Invalid(string field, string problem) => new(GrpcStatusCode.InvalidArgument, $"{field}: {problem}");
}
