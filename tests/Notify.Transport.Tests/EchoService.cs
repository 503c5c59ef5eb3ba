using System.Threading.Channels;
using Microsoft.AspNetCore.Routing;
using Notify.Core.Transport;
using Notify.Server.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

/// <summary>Serves echo.proto as its comments say, and reports the cancellation of calls that hang.</summary>
internal sealed class EchoService
{
    private readonly Channel<string> _cancelled = Channel.CreateUnbounded<string>();
    private int _cancellations;

    public void Map(IEndpointRouteBuilder endpoints, GrpcEndpointOptions? options = null)
    {
        endpoints.MapGrpcUnary(EchoMethods.Say, SayAsync, options);
        endpoints.MapGrpcServerStreaming(EchoMethods.Repeat, RepeatAsync, options);
        endpoints.MapGrpcDuplex(EchoMethods.Chat, ChatAsync, options);
        endpoints.MapGrpcUnary(EchoMethods.Cancellations, (_, _) => Task.FromResult(new EchoReply { Number = _cancellations }), options);
    }

    /// <summary>Waits until a hanging call was cancelled and gives its text.</summary>
    public Task<string> NextCancelledAsync() => _cancelled.Reader.ReadAsync().AsTask().WaitAsync(Limits.Patience);

    private static EchoReply Reply(EchoRequest request, int number) => new() { Text = request.Text, Payload = request.Payload, Number = number };

    private async Task<EchoReply> SayAsync(EchoRequest request, ServerCall call)
    {
        foreach (var entry in call.RequestHeaders)
        {
            if (entry.Key == "x-text")
            {
                call.ResponseHeaders.Add("x-text-header", entry.Text);
                call.ResponseTrailers.Add("x-text-trailer", entry.Text);
            }
            if (entry.Key == "x-bytes-bin")
            {
                call.ResponseHeaders.Add("x-bytes-header-bin", entry.Bytes);
                call.ResponseTrailers.Add("x-bytes-trailer-bin", entry.Bytes);
            }
        }
        await HangAsync(request, call);
        ThrowIfAsked(request);
        return Reply(request, 0);
    }

    private async Task RepeatAsync(EchoRequest request, IMessageWriter<EchoReply> responses, ServerCall call)
    {
        for (var i = 0; i < request.Copies; i++)
            await responses.WriteAsync(Reply(request, i));
        await HangAsync(request, call);
        ThrowIfAsked(request);
    }

    private async Task ChatAsync(IMessageReader<EchoRequest> requests, IMessageWriter<EchoReply> responses, ServerCall call)
    {
        var number = 0;
        while (await requests.WaitToReadAsync())
        {
            while (requests.TryRead(out var request))
            {
                for (var i = 0; i < Math.Max(1, request.Copies); i++)
                    responses.Write(Reply(request, number++));
                if (request.Hang)
                    await responses.FlushAsync();
                await HangAsync(request, call);
                ThrowIfAsked(request);
            }
            await responses.FlushAsync();
        }
    }

    private static void ThrowIfAsked(EchoRequest request)
    {
        if (request.Status == 0)
            return;
        // Above the codes of gRPC: an exception that is none of gRPC's.
        if (request.Status > 16)
            throw new InvalidOperationException("secret of the server");
        var trailers = new GrpcMetadata { { "x-why", "asked-for" } };
        throw new GrpcException((GrpcStatusCode)request.Status, request.Detail, trailers);
    }

    private async Task HangAsync(EchoRequest request, ServerCall call)
    {
        if (!request.Hang)
            return;
        try
        {
            await Task.Delay(Timeout.Infinite, call.CancellationToken);
        }
        finally
        {
            Interlocked.Increment(ref _cancellations);
            _cancelled.Writer.TryWrite(request.Text);
        }
    }
}
