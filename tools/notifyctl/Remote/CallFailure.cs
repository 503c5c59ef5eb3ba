using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.Types;

namespace Notify.Ctl.Remote;

/// <summary>Says what the failure of a call means to the person who asked for it.</summary>
internal static class CallFailure
{
    public static ExitCode CodeOf(GrpcStatusCode status) => status switch
    {
        GrpcStatusCode.NotFound => ExitCode.NotFound,
        GrpcStatusCode.Aborted => ExitCode.ConditionFailed,
        GrpcStatusCode.Unavailable or GrpcStatusCode.DeadlineExceeded => ExitCode.Unreachable,
        GrpcStatusCode.PermissionDenied or GrpcStatusCode.Unauthenticated => ExitCode.Denied,
        _ => ExitCode.Failed,
    };

    /// <summary>The node itself gave the status. What the transport found out comes with its cause.</summary>
    public static bool IsAnswer(GrpcException failure) => failure.InnerException is null && failure.Code != GrpcStatusCode.DeadlineExceeded;

    /// <summary>No connection was made, so nothing was sent.</summary>
    public static bool IsUnconnected(GrpcException failure) =>
        failure.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError };

    public static CtlException Explain(GrpcException failure, NodeConnection node, KnownTypes types)
    {
        var (message, remedy) = failure.Code switch
        {
            GrpcStatusCode.Unavailable when IsAnswer(failure) => ($"{node.Address} says: {failure.Status.Detail}", null),
            GrpcStatusCode.Unavailable => ($"no answer from {node.Address}: {failure.Status.Detail}",
                $"Is a node listening there? Name another one with --address HOST:PORT or the variable {NodeAddress.Variable}."),
            GrpcStatusCode.DeadlineExceeded => ($"no answer from {node.Address} within {Durations.Format(node.Timeout)}.",
                "Give it longer with --timeout. A change may have been made: ask for the object, or repeat the command."),
            GrpcStatusCode.Unimplemented => ($"{node.Address} does not serve this: {failure.Status.Detail}",
                "Is it a Notify node, and as new as this program?"),
            GrpcStatusCode.PermissionDenied or GrpcStatusCode.Unauthenticated => ($"{node.Address} denies it: {failure.Status.Detail}", null),
            GrpcStatusCode.Aborted => (DescribeConditions(failure, types), "Get the objects, look at what changed, and try again."),
            GrpcStatusCode.ResourceExhausted => ($"beyond a limit of {node.Address}: {failure.Status.Detail}", null),
            _ => ($"{node.Address} says: {failure.Status.Detail}", (string?)null),
        };
        return new CtlException(CodeOf(failure.Code), message, remedy);
    }

    private static string DescribeConditions(GrpcException failure, KnownTypes types)
    {
        if (failure.Trailers.GetBytes(ObjectsMethods.ConditionsTrailer) is not { } bytes)
            return $"a condition does not hold: {failure.Status.Detail}";
        var failed = FailedConditions.Parser.ParseFrom(bytes.Span).Failed;
        return string.Join('\n', failed.Select(condition =>
        {
            var name = types.Find(condition.Object.Type) is { } type ? type.NameOf(condition.Object.Key) : condition.Object.Type;
            var current = condition.CurrentRevision == 0 ? "it does not exist" : $"it is at revision {condition.CurrentRevision}";
            var expected = condition.ExpectedRevision == 0 ? "not to exist" : $"at revision {condition.ExpectedRevision}";
            return $"{name} was expected {expected}, and {current}.";
        }));
    }
}
