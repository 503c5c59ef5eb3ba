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

    /// <summary>Maps <c>notify.v1.Admin</c> for a store that can be backed up.</summary>
    public static void MapNotifyAdmin(this IEndpointRouteBuilder endpoints, IBackUpSource store) =>
        endpoints.MapGrpcServerStreaming(AdminMethods.BackUp, (_, responses, call) => BackUpAsync(store, responses, call));

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
                await responses.FlushAsync(call.CancellationToken).ConfigureAwait(false);
            }
        }

        var last = Response(ByteString.Empty, backUp.Objects);
        last.Done = true;
        responses.Write(last);
        await responses.FlushAsync(call.CancellationToken).ConfigureAwait(false);

        BackUpResponse Response(ByteString piece, long objects) =>
            new() { Piece = piece, Revision = backUp.Revision, Objects = backUp.Objects, ObjectsSoFar = objects };
    }
}
