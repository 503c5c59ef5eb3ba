using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Notify.Core.Transport;

namespace Notify.Server.Transport;

/// <summary>What all kinds of methods have in common: the checks before a handler runs and the status after it.</summary>
internal abstract partial class GrpcEndpoint(ILogger logger, TimeProvider time, CancellationToken stopping)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            http.Response.Headers.Upgrade = "h2c";
            return;
        }
        if (!GrpcHeaders.IsGrpcContentType(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        http.Response.ContentType = GrpcHeaders.ContentType;
        if (Refuse(http.Request, out var timeout) is { } refusal)
        {
            http.Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.Identity;
            WriteStatus(http.Response.Headers, refusal);
            return;
        }
        LiftBodyLimits(http);
        using var call = new ServerCall(http, timeout, time, stopping);
        await ServeAsync(call).ConfigureAwait(false);
    }

    protected abstract Task HandleAsync(ServerCall call);

    private static GrpcStatus? Refuse(HttpRequest request, out TimeSpan? timeout)
    {
        timeout = null;
        if (request.Headers[GrpcHeaders.Encoding] is { Count: > 0 } encoding && encoding != GrpcHeaders.Identity)
            return new GrpcStatus(GrpcStatusCode.Unimplemented, $"The compression '{encoding}' is not supported; send identity.");
        if (request.Headers[GrpcHeaders.Timeout] is not { Count: > 0 } header)
            return null;
        if (!GrpcTimeout.TryParse(header.ToString(), out var parsed))
            return new GrpcStatus(GrpcStatusCode.Internal, $"'{header}' is not a grpc-timeout.");
        timeout = parsed;
        return parsed > TimeSpan.Zero ? null : new GrpcStatus(GrpcStatusCode.DeadlineExceeded, "The deadline passed before the call arrived.");
    }

    private static void LiftBodyLimits(HttpContext http)
    {
        // A stream has no end that could be too far; its messages have limits of their own.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        // A quiet stream is not a slow upload.
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }

    private static void WriteStatus(IHeaderDictionary target, GrpcStatus status)
    {
        target[GrpcHeaders.Status] = ((int)status.Code).ToString(CultureInfo.InvariantCulture);
        if (status.Detail.Length > 0)
            target[GrpcHeaders.Message] = GrpcMessageText.Encode(status.Detail);
    }

    private async Task ServeAsync(ServerCall call)
    {
        GrpcStatus status;
        GrpcMetadata? more = null;
        try
        {
            await HandleAsync(call).ConfigureAwait(false);
            status = GrpcStatus.Ok;
        }
        catch (GrpcException e)
        {
            status = e.Status;
            more = e.Trailers;
        }
        catch (OperationCanceledException) when (call.IsStopped)
        {
            status = new GrpcStatus(GrpcStatusCode.Unavailable, ServerCall.StoppingDetail);
        }
        catch (OperationCanceledException) when (call.CancellationToken.IsCancellationRequested)
        {
            status = new GrpcStatus(GrpcStatusCode.Cancelled, "The client ended the call.");
        }
#pragma warning disable CA1031 // Whatever a handler throws ends its own call only, and its text stays inside.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.HandlerFailed(logger, call.Method, call.Peer, e);
            status = new GrpcStatus(GrpcStatusCode.Unknown, "The handler of the method failed.");
        }
        // Nobody is there to read a status, and the response must not be touched any more.
        if (call.Http.RequestAborted.IsCancellationRequested)
            return;
        if (call.IsDeadlinePassed)
            status = new GrpcStatus(GrpcStatusCode.DeadlineExceeded, "The deadline passed.");
        End(call, status, more);
    }

    private static void End(ServerCall call, GrpcStatus status, GrpcMetadata? more)
    {
        call.ApplyHeaders();
        var response = call.Http.Response;
        var target = response.Headers;
        // A call without a response message ends in its headers: one frame instead of two.
        if (call.HasWritten || response.HasStarted)
            target = call.Http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        foreach (var entry in call.ResponseTrailers)
            target.Append(entry.Key, entry.HeaderValue);
        foreach (var entry in more ?? [])
            target.Append(entry.Key, entry.HeaderValue);
        WriteStatus(target, status);
    }

    private static partial class Log
    {
        [LoggerMessage(2000, LogLevel.Error, "The handler of {Method} failed in a call from {Peer}")]
        public static partial void HandlerFailed(ILogger logger, string method, string peer, Exception exception);
    }
}
