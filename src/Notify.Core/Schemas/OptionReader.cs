using Google.Protobuf;

namespace Notify.Core.Schemas;

/// <summary>
/// Reads custom options by number off the encoded options message. Nobody needs to register extensions, and a file that declares
/// the same numbers in another package is read alike.
/// </summary>
internal sealed class OptionReader
{
    private readonly Dictionary<int, List<ulong>> _numbers = [];
    private readonly Dictionary<int, List<ByteString>> _bytes = [];
    private readonly HashSet<int> _foreign = [];

    /// <summary>Reads the options of a message or field, but for numbers that are no options of ours there.</summary>
    public OptionReader(IMessage? options, IEnumerable<int> foreign)
        : this(options?.ToByteString() ?? ByteString.Empty)
    {
        foreach (var number in foreign.Where(IsWritten))
        {
            _foreign.Add(number);
            _numbers.Remove(number);
            _bytes.Remove(number);
        }
    }

    /// <exception cref="FormatException">The options are no message. The exception's message is a sentence.</exception>
    public OptionReader(ByteString encoded)
    {
        try
        {
            Read(encoded);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FormatException($"An option is no message: {e.Message}", e);
        }
    }

    /// <summary>Numbers that are written and no options of ours.</summary>
    public IEnumerable<int> Foreign => _foreign;

    /// <summary>True where the option is written, whatever its value.</summary>
    public bool IsWritten(int number) => _numbers.ContainsKey(number) || _bytes.ContainsKey(number);

    /// <summary>A bool, or null where the option is not written.</summary>
    public bool? Flag(int number) => _numbers.TryGetValue(number, out var values) ? values[values.Count - 1] != 0 : null;

    /// <summary>True where the option is written true.</summary>
    public bool IsSet(int number) => Flag(number) == true;

    /// <summary>A number, 0 where the option is not written.</summary>
    public ulong Number(int number) => _numbers.TryGetValue(number, out var values) ? values[values.Count - 1] : 0;

    /// <summary>A string without the blanks around it, empty where the option is not written.</summary>
    public string Text(int number) => Texts(number).LastOrDefault() ?? "";

    /// <summary>All values of a repeated string.</summary>
    public IEnumerable<string> Texts(int number) => Messages(number).Select(value => value.ToStringUtf8().Trim());

    /// <summary>The encoded values of a repeated message.</summary>
    public IEnumerable<ByteString> Messages(int number) => _bytes.TryGetValue(number, out var values) ? values : [];

    private void Read(ByteString encoded)
    {
        var input = encoded.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.Varint:
                    Add(_numbers, tag, input.ReadUInt64());
                    break;
                case WireFormat.WireType.LengthDelimited:
                    Add(_bytes, tag, input.ReadBytes());
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
    }

    private static void Add<T>(Dictionary<int, List<T>> values, uint tag, T value)
    {
        var number = WireFormat.GetTagFieldNumber(tag);
        if (!values.TryGetValue(number, out var list))
        {
            values.Add(number, list = []);
        }

        list.Add(value);
    }
}
