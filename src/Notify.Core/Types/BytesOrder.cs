using Google.Protobuf;

namespace Notify.Core.Types;

/// <summary>Unsigned lexicographic order of byte strings: the order of keys within a type.</summary>
public sealed class BytesOrder : IComparer<ByteString>
{
    private BytesOrder()
    {
    }

    /// <summary>The one instance.</summary>
    public static BytesOrder Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(ByteString? x, ByteString? y) => (x, y) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        _ => x.Span.SequenceCompareTo(y.Span),
    };
}
