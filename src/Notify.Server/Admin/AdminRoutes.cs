using Google.Protobuf;
using Microsoft.AspNetCore.Routing;
using Notify.Core.Protocol;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Server.Transport;

namespace Notify.Server.Admin;

/// <summary>Maps the services for operators of a controller.</summary>
public static class AdminRoutes
{
    /// <summary>Well below what receivers take by default; a piece with one large object may be larger.</summary>
    private const int PieceBytesMax = 1 << 20;

    /// <summary>A backup whose reader takes nothing for so long is given up: it keeps every version alive that it has yet to send.</summary>
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromMinutes(1);

    /// <summary>Maps <c>notify.v1.Admin</c> for a store that can be backed up. There is one backup at a time.</summary>
    public static void MapNotifyAdmin(this IEndpointRouteBuilder endpoints, IBackUpSource store)
    {
        var isUnderWay = false;
        endpoints.MapGrpcServerStreaming(AdminMethods.BackUp, async (_, responses, call) =>
        {
            if (Interlocked.Exchange(ref isUnderWay, true))
            {
                throw new GrpcException(GrpcStatusCode.ResourceExhausted, "Another backup of this node is under way. Try again when it has ended.");
            }

            try
            {
                await BackUpAsync(store, responses, call).ConfigureAwait(false);
            }
            finally
            {
                Volatile.Write(ref isUnderWay, false);
            }
        });
    }

    private static async Task BackUpAsync(IBackUpSource store, IMessageWriter<BackUpResponse> responses, ServerCall call)
    {
        StoreBackUp backUp;
        try
        {
            backUp = store.BackUp();
        }
        catch (StoreUnavailableException e)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, e.Message);
        }

        foreach (var (bytes, objects) in backUp.Pieces)
        {
            for (var at = 0; at < bytes.Length; at += PieceBytesMax)
            {
                // Each piece is sent before the next is made, so a slow reader costs one of them.
                var piece = bytes.Slice(at, Math.Min(PieceBytesMax, bytes.Length - at));
                responses.Write(Response(UnsafeByteOperations.UnsafeWrap(piece), objects));
                await FlushAsync().ConfigureAwait(false);
            }
        }

        var last = Response(ByteString.Empty, backUp.Objects);
        last.Done = true;
        responses.Write(last);
        await FlushAsync().ConfigureAwait(false);

        async Task FlushAsync()
        {
            using var patience = new CancellationTokenSource(ReaderPatience, TimeProvider.System);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, patience.Token);
            try
            {
                await responses.FlushAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!call.CancellationToken.IsCancellationRequested)
            {
                throw new GrpcException(GrpcStatusCode.Aborted, $"The backup was not read for {ReaderPatience.TotalSeconds} s.");
            }
        }

        BackUpResponse Response(ByteString piece, long objects) =>
            new() { Piece = piece, Revision = backUp.Revision, Objects = backUp.Objects, ObjectsSoFar = objects };
    }
}
