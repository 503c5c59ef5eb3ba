using System.Net;
using Microsoft.AspNetCore.Http;
using Notify.Core.Transport;

namespace Notify.Server.Transport;

/// <summary>What a handler knows of the call it serves. Valid until the handler's task ends.</summary>
public sealed class ServerCall : IDisposable
{
    internal const string StoppingDetail = "The server is stopping.";

    // The longest delay that a timer takes.
    private static readonly TimeSpan TimerMax = TimeSpan.FromDays(49);

    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource? _ended;
    private readonly CancellationToken _stopping;
    private GrpcMetadata? _requestHeaders;
    private bool _headersApplied;

    internal ServerCall(HttpContext http, TimeSpan? timeout, TimeProvider time, CancellationToken stopping)
    {
        Http = http;
        Timeout = timeout;
        _stopping = stopping;
        CancellationToken = http.RequestAborted;
        if (timeout is { } left)
            _deadline = new CancellationTokenSource(left < TimerMax ? left : TimerMax, time);
        if (_deadline is null && !stopping.CanBeCanceled)
            return;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _deadline?.Token ?? default, stopping);
        CancellationToken = _ended.Token;
    }

    /// <summary>The HTTP exchange under the call, for what is not gRPC's: certificates, the user, services. Leave its bodies alone.</summary>
    public HttpContext Http { get; }

    /// <summary>The path of the method: <c>/service/name</c>.</summary>
    public string Method => Http.Request.Path.Value ?? "";

    /// <summary>The client's address and port, or <c>local</c> where the connection has none.</summary>
    public string Peer =>
        Http.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, Http.Connection.RemotePort).ToString() : "local";

    /// <summary>The time that the client gave the call when it started, or null for no deadline.</summary>
    public TimeSpan? Timeout { get; }

    /// <summary>
    /// Fires when the client cancels or goes away, when the deadline passes and, but for a call with a stream each way, when the host stops.
    /// Handlers stop then.
    /// </summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Whether the deadline has passed.</summary>
    public bool IsDeadlinePassed => _deadline is { IsCancellationRequested: true };

    /// <summary>Whether the call ends because the host stops, and the client is still there.</summary>
    internal bool IsStopped => _stopping.IsCancellationRequested && !Http.RequestAborted.IsCancellationRequested;

    /// <summary>The metadata that the client sent.</summary>
    public GrpcMetadata RequestHeaders => _requestHeaders ??= ReadHeaders();

    /// <summary>Metadata to send ahead of the first response. Fill it before the first flush.</summary>
    public GrpcMetadata ResponseHeaders { get; } = [];

    /// <summary>Metadata to send with the status.</summary>
    public GrpcMetadata ResponseTrailers { get; } = [];

    /// <summary>Whether message bytes were written, flushed or not.</summary>
    internal bool HasWritten { get; set; }

    /// <summary>Sends <see cref="ResponseHeaders"/> now, where the first response may take a while.</summary>
    /// <exception cref="GrpcException">The call has ended.</exception>
    public async ValueTask SendHeadersAsync()
    {
        ApplyHeaders();
        await Http.Response.BodyWriter.FlushAsync(CancellationToken).ConfigureAwait(false);
        CancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Resets the stream at once: the client gets no status, and nothing that waits for it to read is kept.</summary>
    public void Abort() => Http.Abort();

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended?.Dispose();
        _deadline?.Dispose();
    }

    internal void ApplyHeaders()
    {
        if (_headersApplied || Http.Response.HasStarted)
            return;
        _headersApplied = true;
        foreach (var entry in ResponseHeaders)
            Http.Response.Headers.Append(entry.Key, entry.HeaderValue);
    }

    /// <summary>Why an operation of the call failed, as the handler is to see it.</summary>
    internal Exception Explain(Exception? failure, CancellationToken callerToken)
    {
        if (IsDeadlinePassed)
            return new GrpcException(GrpcStatusCode.DeadlineExceeded, "The deadline passed.", innerException: failure);
        if (IsStopped)
            return new GrpcException(GrpcStatusCode.Unavailable, StoppingDetail, innerException: failure);
        if (!CancellationToken.IsCancellationRequested && callerToken.IsCancellationRequested)
            return new OperationCanceledException(failure?.Message, failure, callerToken);
        return new GrpcException(GrpcStatusCode.Cancelled, "The client ended the call.", innerException: failure);
    }

    private GrpcMetadata ReadHeaders()
    {
        var metadata = new GrpcMetadata();
        foreach (var (name, values) in Http.Request.Headers)
        {
            foreach (var value in values)
                metadata.AddReceived(name, value ?? "");
        }
        return metadata;
    }
}
