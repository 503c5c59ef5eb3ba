using Google.Protobuf;
using Notify.Storage.Embedded.Files;

namespace Notify.Storage.Embedded;

/// <summary>Reads one file of the store frame by frame. What is wrong with it is a <see cref="StoreCorruptException"/> that says where.</summary>
internal sealed class StoreFileReader : IDisposable
{
    private readonly Stream _stream;
    private readonly string _file;

    public StoreFileReader(IDisk disk, string name)
    {
        _file = Path.Combine(disk.Path, name);
        _stream = disk.OpenRead(name);
    }

    /// <summary>Reads a stream that is no file of a store, a backup.</summary>
    public StoreFileReader(Stream stream, string name) => (_stream, _file) = (stream, name);

    /// <summary>Where the frame read last begins.</summary>
    public long Offset { get; private set; }

    /// <summary>Kind of the frame read last.</summary>
    public FrameKind Kind { get; private set; }

    /// <summary>Number of the frame read last.</summary>
    public ulong Number { get; private set; }

    /// <summary>Reads the head, which has to be there.</summary>
    /// <exception cref="FrameException">There is no whole frame.</exception>
    /// <exception cref="StoreFormatException">A newer program wrote the file.</exception>
    public Head ReadHead()
    {
        if (!TryRead(out var payload) || Kind != FrameKind.Head)
        {
            throw new FrameException("there is no head");
        }

        var head = Parse(Head.Parser, payload);
        return head.Format is > 0 and <= StoreCodec.Format ? head : throw new StoreFormatException(_file, head.Format, StoreCodec.Format);
    }

    /// <summary>Reads the next frame. False at the end of the file.</summary>
    /// <exception cref="FrameException">There is no whole frame.</exception>
    public bool TryRead(out byte[] payload)
    {
        Offset = _stream.Position;
        var isRead = StoreFrames.TryRead(_stream, out var kind, out var number, out payload);
        (Kind, Number) = (kind, number);
        return isRead;
    }

    public TMessage Parse<TMessage>(MessageParser<TMessage> parser, byte[] payload)
        where TMessage : IMessage<TMessage>
    {
        try
        {
            return parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Corrupt(e.Message, e);
        }
    }

    /// <summary>True when a frame with a number from <paramref name="least"/> on lies behind where reading failed.</summary>
    public bool HasFrameBehind(ulong least)
    {
        _stream.Position = Offset;
        var rest = new byte[_stream.Length - Offset];
        _stream.ReadExactly(rest);
        return rest.Length > 0 && StoreFrames.HasFrame(rest.AsSpan(1), least);
    }

    public StoreCorruptException Corrupt(string reason, Exception? innerException = null) => new(_file, Offset, reason, innerException);

    public void Dispose() => _stream.Dispose();
}
