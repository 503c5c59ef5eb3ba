using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Routing;
using Notify.Core.Transport;
using Notify.Server.Reflection.V1;
using Notify.Server.Transport;

namespace Notify.Server.Reflection;

/// <summary>Serves <c>grpc.reflection.v1</c>.</summary>
public static class ReflectionRoutes
{
    /// <summary>
    /// Maps server reflection over every service that is mapped, before or after, at the same builder with methods that name their proto file
    /// (<see cref="GrpcMethod{TRequest, TResponse}.File"/>).
    /// </summary>
    /// <param name="endpoints">Where the services are mapped.</param>
    /// <param name="more">Further files: what travels inside <c>google.protobuf.Any</c>. Enumerated when the first question comes.</param>
    public static void MapGrpcReflection(this IEndpointRouteBuilder endpoints, IEnumerable<FileDescriptor> more)
    {
        // Services may still be mapped after this; the first question comes when all are.
        var index = new Lazy<ReflectionIndex>(() => IndexOf(endpoints.DataSources, more));
        var stopping = HostStop.Of(endpoints.ServiceProvider);
        endpoints.MapGrpcDuplex(
            ReflectionMethods.ServerReflectionInfo, (requests, responses, call) => AnswerAsync(index.Value, requests, responses, call, stopping));
    }

    private static ReflectionIndex IndexOf(IEnumerable<EndpointDataSource> sources, IEnumerable<FileDescriptor> more)
    {
        var methods = sources.SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<MappedMethod>())
            .OfType<MappedMethod>()
            .ToList();
        return new ReflectionIndex(methods.Select(method => method.Service), [.. methods.Select(method => method.File).OfType<FileDescriptor>(), .. more]);
    }

    private static async Task AnswerAsync(
        ReflectionIndex index,
        IMessageReader<ServerReflectionRequest> requests,
        IMessageWriter<ServerReflectionResponse> responses,
        ServerCall call,
        CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, stopping);
        var conversation = new ReflectionConversation(index);
        try
        {
            while (await requests.WaitToReadAsync(stop.Token).ConfigureAwait(false))
            {
                // One at a time: what is not flushed is bounded by one answer.
                while (requests.TryRead(out var request))
                {
                    responses.Write(conversation.Answer(request));
                    await responses.FlushAsync(stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !call.CancellationToken.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, ServerCall.StoppingDetail);
        }
    }
}
