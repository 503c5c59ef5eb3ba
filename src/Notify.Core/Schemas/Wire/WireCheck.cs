using System.Text.Unicode;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas.Wire;

/// <summary>
/// Checks that bytes are a message of a schema, with nothing but a descriptor. Stricter than a parser where an encoder would have to be
/// broken: known fields have their wire type, numbers are in range, strings are UTF-8. Unknown fields are let through.
/// </summary>
internal static class WireCheck
{
    /// <summary>As deep as the parsers of generated code go.</summary>
    private const int DepthMax = 100;

    /// <summary>Throws where <paramref name="encoded"/> is no <paramref name="message"/>.</summary>
    /// <exception cref="FormatException">The message is the rest of a sentence that starts with the field's path.</exception>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no protobuf message at all.</exception>
    public static void Check(MessageDescriptor message, ByteString encoded) => Check(message, encoded, depth: 0);

    private static void Check(MessageDescriptor message, ByteString encoded, int depth)
    {
        if (depth > DepthMax)
        {
            throw new FormatException($"{message.FullName} is nested too deeply.");
        }

        var input = encoded.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (message.FindFieldByNumber(WireFormat.GetTagFieldNumber(tag)) is not { } field)
            {
                Skip(input, tag);
                continue;
            }

            var wireType = WireValue.WireTypeOf(field.FieldType);
            var found = WireFormat.GetTagWireType(tag);
            if (found == wireType)
            {
                CheckValue(field, WireValue.Read(input, wireType), depth);
            }
            else if (field.IsRepeated && found == WireFormat.WireType.LengthDelimited)
            {
                var packed = input.ReadBytes().CreateCodedInput();
                while (!packed.IsAtEnd)
                {
                    CheckValue(field, WireValue.Read(packed, wireType), depth);
                }
            }
            else if (found == WireFormat.WireType.StartGroup && Groups.IsGroup(field))
            {
                Skip(input, tag);
            }
            else
            {
                throw new FormatException($"{field.FullName} is encoded as {found} instead of {wireType}.");
            }
        }
    }

    /// <summary>Skips a field that the schema does not know. CodedInputStream's own skipping lets wire types through that do not exist.</summary>
    private static void Skip(CodedInputStream input, uint tag)
    {
        var open = new Stack<int>();
        do
        {
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.StartGroup:
                    open.Push(WireFormat.GetTagFieldNumber(tag));
                    break;
                case WireFormat.WireType.EndGroup when open.TryPeek(out var number) && number == WireFormat.GetTagFieldNumber(tag):
                    open.Pop();
                    break;
                case WireFormat.WireType.Varint or WireFormat.WireType.Fixed32 or WireFormat.WireType.Fixed64 or WireFormat.WireType.LengthDelimited:
                    input.SkipLastField();
                    break;
                default:
                    throw new FormatException($"field {WireFormat.GetTagFieldNumber(tag)} has a wire type that does not exist.");
            }
        }
        while (open.Count > 0 && (tag = input.ReadTag()) != 0);
        if (open.Count > 0)
        {
            throw new FormatException("a group has no end.");
        }
    }

    private static void CheckValue(FieldDescriptor field, WireValue value, int depth)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                Check(field.MessageType, value.Bytes, depth + 1);
                break;
            case FieldType.String when !Utf8.IsValid(value.Bytes.Span):
                throw new FormatException($"{field.FullName} is not UTF-8.");
            case FieldType.Bool when value.Number > 1:
            case FieldType.UInt32 or FieldType.SInt32 when value.Number > uint.MaxValue:
            case FieldType.Int32 or FieldType.Enum when (long)value.Number is < int.MinValue or > int.MaxValue:
                throw new FormatException($"{field.FullName} is out of the range of its type.");
            default:
                break;
        }
    }
}
