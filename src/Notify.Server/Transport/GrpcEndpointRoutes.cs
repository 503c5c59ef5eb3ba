using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Core.Transport;

namespace Notify.Server.Transport;

/// <summary>
/// Maps gRPC methods to handlers. The server has to speak HTTP/2; <see cref="KestrelGrpc.ConfigureForGrpc"/> sets it up for long streams.
/// When the host stops, streams of responses end with UNAVAILABLE at once, and calls with one response a second later; how those with a stream
/// each way end is their handler's business.
/// </summary>
public static class GrpcEndpointRoutes
{
    private static readonly TimeSpan s_unaryPatience = TimeSpan.FromSeconds(1);

    /// <summary>Maps a method with one request and one response.</summary>
    public static IEndpointConventionBuilder MapGrpcUnary<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        UnaryHandler<TRequest, TResponse> handler,
        GrpcEndpointOptions? options = null)
    {
        var (logger, time) = Services(endpoints);
        var stopping = HostStop.Of(endpoints.ServiceProvider, s_unaryPatience);
        return Map(endpoints, method, new UnaryEndpoint<TRequest, TResponse>(method, handler, options ?? new(), logger, time, stopping));
    }

    /// <summary>Maps a method with one request and a stream of responses.</summary>
    public static IEndpointConventionBuilder MapGrpcServerStreaming<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        ServerStreamingHandler<TRequest, TResponse> handler,
        GrpcEndpointOptions? options = null)
    {
        var (logger, time) = Services(endpoints);
        var stopping = HostStop.Of(endpoints.ServiceProvider);
        return Map(
            endpoints, method, new ServerStreamingEndpoint<TRequest, TResponse>(method, handler, options ?? new(), logger, time, stopping));
    }

    /// <summary>Maps a method with a stream each way.</summary>
    public static IEndpointConventionBuilder MapGrpcDuplex<TRequest, TResponse>(
        this IEndpointRouteBuilder endpoints,
        GrpcMethod<TRequest, TResponse> method,
        DuplexHandler<TRequest, TResponse> handler,
        GrpcEndpointOptions? options = null)
    {
        var (logger, time) = Services(endpoints);
        return Map(endpoints, method, new DuplexEndpoint<TRequest, TResponse>(method, handler, options ?? new(), logger, time));
    }

    /// <summary>
    /// Answers calls of all methods that are not mapped with UNIMPLEMENTED and the method's name. Without it they get HTTP's 404,
    /// which clients take for the same code without a text.
    /// </summary>
    public static IEndpointConventionBuilder MapGrpcUnimplemented(this IEndpointRouteBuilder endpoints)
    {
        var (logger, time) = Services(endpoints);
        return MapRest(endpoints, new RefusingEndpoint(GrpcStatusCode.Unimplemented, method => $"There is no method {method} here.", logger, time));
    }

    /// <summary>Answers calls of all methods that are not mapped with UNAVAILABLE and a reason: of a process that does not serve them yet.</summary>
    public static IEndpointConventionBuilder MapGrpcUnavailable(this IEndpointRouteBuilder endpoints, Func<string> reason)
    {
        var (logger, time) = Services(endpoints);
        return MapRest(endpoints, new RefusingEndpoint(GrpcStatusCode.Unavailable, _ => reason(), logger, time));
    }

    private static IEndpointConventionBuilder MapRest(IEndpointRouteBuilder endpoints, RefusingEndpoint endpoint) =>
        Map(endpoints, "/{service}/{method}", endpoint).WithOrder(int.MaxValue);

    private static (ILogger Logger, TimeProvider Time) Services(IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(GrpcEndpoint).FullName!);
        return (logger, HostStop.TimeOf(services));
    }

    private static IEndpointConventionBuilder Map<TRequest, TResponse>(
        IEndpointRouteBuilder endpoints, GrpcMethod<TRequest, TResponse> method, GrpcEndpoint endpoint) =>
        Map(endpoints, method.Path, endpoint).WithMetadata(new MappedMethod(method.Service, method.File));

    private static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, string path, GrpcEndpoint endpoint) =>
        endpoints.MapPost(path, new RequestDelegate(endpoint.InvokeAsync)).WithDisplayName("gRPC " + path);
}
