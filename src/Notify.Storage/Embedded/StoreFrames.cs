using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace Notify.Storage.Embedded;

/// <summary>
/// The frames of the store's files: magic (4 bytes), length of the payload (4), kind (1), number (8), checksum (4), payload. Integers are
/// little endian; the checksum is CRC-32C over length, kind, number and payload.
/// </summary>
internal static class StoreFrames
{
    public const int HeadBytes = 21;

    private const uint Magic = 0x5946_544E; // "NTFY" as bytes.
    private const int LengthAt = 4;
    private const int KindAt = 8;
    private const int NumberAt = 9;
    private const int ChecksumAt = 17;

    /// <summary>The whole frame of a message.</summary>
    public static byte[] Encode(FrameKind kind, ulong number, IMessage message)
    {
        var length = message.CalculateSize();
        var frame = new byte[HeadBytes + length];
        message.WriteTo(frame.AsSpan(HeadBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(LengthAt), length);
        frame[KindAt] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(NumberAt), number);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(ChecksumAt), Checksum(frame, frame.AsSpan(HeadBytes)));
        return frame;
    }

    /// <summary>Reads the next frame. False at the end of the stream.</summary>
    /// <exception cref="FrameException">What is there is no whole frame.</exception>
    public static bool TryRead(Stream stream, out FrameKind kind, out ulong number, out byte[] payload)
    {
        (kind, number, payload) = (default, 0, []);
        Span<byte> head = stackalloc byte[HeadBytes];
        var got = stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        if (got == 0)
        {
            return false;
        }

        if (got < HeadBytes)
        {
            throw new FrameException("the head of a frame is cut off");
        }

        if (!TryReadHead(head, out kind, out number, out var length))
        {
            throw new FrameException("there is no frame");
        }

        if (length > stream.Length - stream.Position)
        {
            throw new FrameException("a frame is cut off");
        }

        payload = new byte[length];
        stream.ReadExactly(payload);
        if (Checksum(head, payload) != BinaryPrimitives.ReadUInt32LittleEndian(head[ChecksumAt..]))
        {
            throw new FrameException("the checksum of a frame is wrong");
        }

        return true;
    }

    /// <summary>
    /// True when there is a whole frame anywhere in the bytes with a number from <paramref name="least"/> on: its writer had synced what
    /// was before it.
    /// </summary>
    public static bool HasFrame(ReadOnlySpan<byte> bytes, ulong least)
    {
        for (var at = 0; at + HeadBytes <= bytes.Length; at++)
        {
            if (TryReadHead(bytes[at..], out _, out var number, out var length)
                && number >= least
                && length <= bytes.Length - at - HeadBytes
                && Checksum(bytes[at..], bytes.Slice(at + HeadBytes, length)) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + ChecksumAt)..]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadHead(ReadOnlySpan<byte> head, out FrameKind kind, out ulong number, out int length)
    {
        length = BinaryPrimitives.ReadInt32LittleEndian(head[LengthAt..]);
        kind = (FrameKind)head[KindAt];
        number = BinaryPrimitives.ReadUInt64LittleEndian(head[NumberAt..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(head) == Magic && length >= 0 && kind is >= FrameKind.Head and <= FrameKind.End;
    }

    private static uint Checksum(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload) =>
        ~Update(Update(uint.MaxValue, head[LengthAt..ChecksumAt]), payload);

    private static uint Update(uint checksum, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var one in bytes)
        {
            checksum = BitOperations.Crc32C(checksum, one);
        }

        return checksum;
    }
}
