using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Ctl.Types;

namespace Notify.Ctl.Remote;

/// <summary>Reads objects one by one. They need not be of one moment.</summary>
internal static class CurrentObjects
{
    // The connection carries them side by side; more than this is no faster.
    private const int CallsMax = 16;

    /// <summary>The objects in the order asked for; null for one that is not there.</summary>
    /// <exception cref="GrpcException">A call failed.</exception>
    public static async Task<IReadOnlyList<ObjectView?>> ReadAsync(
        NodeConnection node, IReadOnlyList<(KnownType Type, ByteString Key)> objects, CancellationToken cancellationToken)
    {
        var views = new ObjectView?[objects.Count];
        ParallelOptions few = new() { MaxDegreeOfParallelism = CallsMax, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, views.Length, few, async (i, cancellation) =>
        {
            ObjectName name = new() { Type = objects[i].Type.Name, Key = objects[i].Key };
            try
            {
                views[i] = (await node.CallAsync(ObjectsMethods.Get, new GetRequest { Object = name }, cancellation)).Object;
            }
            catch (GrpcException e) when (e.Code == GrpcStatusCode.NotFound)
            {
                views[i] = null;
            }
        });
        return views;
    }
}
