using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas.Wire;

/// <summary>One value as it is encoded: the raw number of a numeric field, or the bytes of a string, bytes or message field.</summary>
internal readonly record struct WireValue(ulong Number, ByteString Bytes)
{
    public static WireValue Default { get; } = new(0, ByteString.Empty);

    /// <summary>The wire type of values of <paramref name="type"/>.</summary>
    public static WireFormat.WireType WireTypeOf(FieldType type) => type switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireFormat.WireType.Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireFormat.WireType.Fixed32,
        FieldType.String or FieldType.Bytes or FieldType.Message => WireFormat.WireType.LengthDelimited,
        FieldType.Group => WireFormat.WireType.StartGroup,
        _ => WireFormat.WireType.Varint,
    };

    public static WireValue Read(CodedInputStream input, WireFormat.WireType wireType) => wireType switch
    {
        WireFormat.WireType.Fixed64 => new(input.ReadFixed64(), ByteString.Empty),
        WireFormat.WireType.Fixed32 => new(input.ReadFixed32(), ByteString.Empty),
        WireFormat.WireType.LengthDelimited => new(0, input.ReadBytes()),
        _ => new(input.ReadUInt64(), ByteString.Empty),
    };

    public void Write(CodedOutputStream output, int number, FieldType type)
    {
        var wireType = WireTypeOf(type);
        output.WriteTag(number, wireType);
        switch (wireType)
        {
            case WireFormat.WireType.Fixed64:
                output.WriteFixed64(Number);
                break;
            case WireFormat.WireType.Fixed32:
                output.WriteFixed32((uint)Number);
                break;
            case WireFormat.WireType.LengthDelimited:
                output.WriteBytes(Bytes);
                break;
            default:
                output.WriteUInt64(Number);
                break;
        }
    }

    /// <summary>True when a value that occurs is something other than the default of its type. A message that occurs is.</summary>
    public bool IsSet(FieldType type) => type switch
    {
        FieldType.Message => true,
        FieldType.String or FieldType.Bytes => !Bytes.IsEmpty,
        FieldType.Double => BitConverter.UInt64BitsToDouble(Number) != 0,
        FieldType.Float => BitConverter.UInt32BitsToSingle((uint)Number) != 0,
        _ => Number != 0,
    };
}
