using System.Buffers;
using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Sync;
using Notify.Core.Types;

namespace Notify.Core.Sessions;

/// <summary>
/// The bytes of one outgoing frame. Versions are copied from what was encoded once per process; per object and session there is nothing
/// but that copy. The buffer is pooled and reused; not thread safe.
/// </summary>
internal sealed class FrameBuffer : IDisposable
{
    // Field tags of link.proto: Frame.number, Frame.bundle_changes, BundleChanges.space, BundleChanges.changes, Change.value.
    private const byte NumberTag = (1 << 3) | 0;
    private const byte BundleChangesTag = (6 << 3) | 2;
    private const byte SpaceTag = (1 << 3) | 0;
    private const byte ChangesTag = (2 << 3) | 2;
    private const byte ValueTag = (15 << 3) | 2;

    /// <summary>Room for tags and lengths before the changes.</summary>
    private const int HeadBytesMax = 1 + 10 + 1 + 5 + 2;

    private readonly string _node;
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    /// <summary>Creates a buffer for frames of the node of that name.</summary>
    public FrameBuffer(string node) => _node = node;

    /// <summary>The number of the session, which this node's own objects get as they go up; 0 towards nodes below.</summary>
    public long Attachment { get; set; }

    /// <summary>Frames of changes are closed when they reach this size; one larger object makes one larger frame.</summary>
    public int FrameBytesTarget { get; init; } = 64 * 1024;

    /// <summary>The number of the last frame.</summary>
    public ulong Number { get; private set; }

    /// <summary>How many changes were written, in all frames.</summary>
    public long Changes { get; private set; }

    /// <summary>The frame written last. Valid until the next one is.</summary>
    public ReadOnlyMemory<byte> Frame => _bytes.AsMemory(_start, _end - _start);

    /// <summary>Writes a frame of any kind.</summary>
    public void Write(Frame frame)
    {
        frame.Number = ++Number;
        (_start, _end) = (0, frame.CalculateSize());
        Reserve(_end);
        frame.WriteTo(_bytes.AsSpan(0, _end));
    }

    /// <summary>
    /// Writes a frame of changes, from the enumerator's current one on until the frame is full. False when there are no more.
    /// </summary>
    public bool WriteChanges(SpaceKind space, IEnumerator<OutgoingChange> changes, TypeTable types)
    {
        Number++;
        _end = HeadBytesMax;
        Reserve(FrameBytesTarget);
        bool more;
        do
        {
            Append(changes.Current, types);
            Changes++;
            more = changes.MoveNext();
        }
        while (more && _end < FrameBytesTarget);

        // The lengths are known now; the head goes right before the changes.
        Span<byte> head = stackalloc byte[HeadBytesMax];
        var length = 0;
        head[length++] = NumberTag;
        length += WriteVarint(head[length..], Number);
        head[length++] = BundleChangesTag;
        length += WriteVarint(head[length..], (ulong)(_end - HeadBytesMax + 2));
        head[length++] = SpaceTag;
        head[length++] = (byte)space;
        _start = HeadBytesMax - length;
        head[..length].CopyTo(_bytes.AsSpan(_start));
        return more;
    }

    /// <summary>Gives the memory back while there is nothing to send: an idle session holds no buffer.</summary>
    public void Release()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            (_bytes, _start, _end) = ([], 0, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Release();

    private void Append(in OutgoingChange change, TypeTable types)
    {
        if (change.Envelope is { } envelope)
        {
            // Own objects go up under the number of this session, so their header is not shared. Everything else is encoded once.
            var own = Attachment > 0 && envelope.Stamp is { } stamp && stamp.Node == _node;
            var header = own
                ? WireTypes.EncodeHeader(envelope with { Stamp = envelope.Stamp!.Value with { Attachment = Attachment } }, types)
                : envelope.WireHeader(types);
            AppendChange(header, envelope.Value);
        }
        else
        {
            var stampOut = change.Stamp is { } removal && removal.Node == _node && Attachment > 0
                ? removal with { Attachment = Attachment }
                : change.Stamp;
            AppendChange(WireTypes.EncodeRemoval(change with { Stamp = stampOut }, types), value: null);
        }
    }

    private void AppendChange(byte[] header, ByteString? value)
    {
        var valueField = value is null ? 0 : 1 + VarintSize((ulong)value.Length) + value.Length;
        var body = header.Length + valueField;
        Reserve(_end + 1 + 5 + body);
        _bytes[_end++] = ChangesTag;
        _end += WriteVarint(_bytes.AsSpan(_end), (ulong)body);
        header.CopyTo(_bytes, _end);
        _end += header.Length;
        if (value is not null)
        {
            _bytes[_end++] = ValueTag;
            _end += WriteVarint(_bytes.AsSpan(_end), (ulong)value.Length);
            value.Span.CopyTo(_bytes.AsSpan(_end));
            _end += value.Length;
        }
    }

    private void Reserve(int size)
    {
        if (_bytes.Length >= size)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, _bytes.Length * 2));
        _bytes.AsSpan(0, Math.Min(_end, _bytes.Length)).CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }

    private static int VarintSize(ulong value) => CodedOutputStream.ComputeUInt64Size(value);

    private static int WriteVarint(Span<byte> output, ulong value)
    {
        var length = 0;
        while (value >= 0x80)
        {
            output[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        output[length++] = (byte)value;
        return length;
    }
}
