using Notify.Core.Protocol;

namespace Notify.Core.Transport;

/// <summary>The method of the link protocol. Frames are bytes here: sessions encode and parse them themselves, once.</summary>
public static class LinkMethod
{
    /// <summary><c>notify.v1.Link/Connect</c>.</summary>
    public static GrpcMethod<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Connect { get; } =
        new("notify.v1.Link", "Connect", BytesCodec.Instance, BytesCodec.Instance) { File = LinkReflection.Descriptor };
}
