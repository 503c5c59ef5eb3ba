using System.Globalization;
using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Core.Types;

namespace Notify.Server.Objects;

/// <summary>What can go wrong with a call of the object API, as statuses. The proto file says what each code means.</summary>
internal static class ObjectErrors
{
    private const int KnownTypesMax = 50;

    public static GrpcException Invalid(string field, string problem, Exception? cause = null) =>
        new(GrpcStatusCode.InvalidArgument, $"{field}: {problem}", innerException: cause);

    public static GrpcException UnknownType(string field, string type, TypeTable types)
    {
        var names = types.All.Select(known => known.Name).Order(StringComparer.Ordinal).ToList();
        var more = names.Count > KnownTypesMax ? $" and {names.Count - KnownTypesMax} more" : "";
        var known = names.Count == 0 ? "none" : string.Join(", ", names.Take(KnownTypesMax)) + more;
        return Invalid(field, $"'{type}' is not a cache type that this node knows. Known types: {known}.");
    }

    public static GrpcException NotCompiled(string field, string type) => new(
        GrpcStatusCode.FailedPrecondition,
        $"{field}: this node mirrors {type} but has no description of its fields, so it cannot tell an object's key. Name the object by type and key, or start the node with a descriptor set that has the type.");

    public static GrpcException NotStored(string field, CacheType type) => new(
        GrpcStatusCode.FailedPrecondition,
        $"{field}: {type.Name} is {(type.IsDynamic ? "dynamic" : "shared")}: its objects are owned by the nodes that publish them, so they cannot be written here.");

    public static GrpcException OfControllers(string field, string type) =>
        new(GrpcStatusCode.FailedPrecondition, $"{field}: {type} is what controllers note for each other; nobody else writes it.");

    public static GrpcException ReadOnly(string writeAt) =>
        new(GrpcStatusCode.FailedPrecondition, $"This node has no store; write at {writeAt}.");

    public static GrpcException NotFound(ObjectId id, long revision) =>
        new(GrpcStatusCode.NotFound, $"There is no such {id.Type}.", Revision(revision));

    public static GrpcException Compacted(string problem, long floor) =>
        new(GrpcStatusCode.OutOfRange, $"{problem} List again and watch from there.", Revision(floor));

    public static GrpcException Behind(long revision, long current, string what) => new(
        GrpcStatusCode.Unavailable, $"{what}: the mirror of this node is at revision {current} and did not reach {revision} in time.", Revision(current));

    public static GrpcException OutcomeUnknown(Exception cause) => new(
        GrpcStatusCode.Unavailable,
        "The outcome of the commit is unknown: it is done whole or not at all. Read what it was to change, or repeat it with conditions.",
        innerException: cause);

    public static GrpcException StoreUnavailable(Exception cause) =>
        new(GrpcStatusCode.Unavailable, "The store is not available; nothing was changed. Try again later.", innerException: cause);

    public static GrpcException ConditionFailed(CommitResult.ConditionFailed result)
    {
        var failed = new FailedConditions();
        failed.Failed.AddRange(result.Failed.Select(condition => new FailedConditions.Types.Failed
        {
            Object = ObjectViews.NameOf(condition.Condition.Id),
            ExpectedRevision = condition.Condition.Revision,
            CurrentRevision = condition.CurrentRevision,
        }));
        var first = result.Failed[0];
        var trailers = Revision(first.CurrentRevision);
        trailers.Add(ObjectsMethods.ConditionsTrailer, failed.ToByteArray());
        var others = result.Failed.Length > 1 ? $", and {result.Failed.Length - 1} more conditions failed" : "";
        var current = first.CurrentRevision == 0 ? "does not exist" : $"is at revision {first.CurrentRevision}";
        var expected = first.Condition.Revision == 0 ? "was not to exist" : $"was to be at revision {first.Condition.Revision}";
        return new(GrpcStatusCode.Aborted, $"The {first.Condition.Id.Type} {expected}, but {current}{others}. Nothing was changed.", trailers);
    }

    public static GrpcException Rejected(CommitResult.Rejected result) => new(
        result.Fault is TransactionFault.DuplicateObject or TransactionFault.UndeclaredType
            ? GrpcStatusCode.InvalidArgument
            : GrpcStatusCode.ResourceExhausted,
        result.Message);

    public static GrpcException TooLarge(string field, ObjectType type, int bytes) => new(
        GrpcStatusCode.ResourceExhausted, $"{field}: the {type.Name} has {bytes} bytes, the limit of its type is {type.ObjectBytesMax}.");

    private static GrpcMetadata Revision(long revision)
    {
        var trailers = new GrpcMetadata();
        trailers.Add(ObjectsMethods.RevisionTrailer, revision.ToString(CultureInfo.InvariantCulture));
        return trailers;
    }
}
