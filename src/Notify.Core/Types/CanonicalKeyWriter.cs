using Google.Protobuf;

namespace Notify.Core.Types;

/// <summary>Rewrites encoded key messages into the canonical form that <see cref="KeyLayout"/> defines.</summary>
internal static class CanonicalKeyWriter
{
    /// <summary>Keys are small; deeper nesting than this is an attack or a mistake.</summary>
    private const int DepthMax = 16;

    public static ByteString Rewrite(KeyLayout layout, ByteString encoded) => Rewrite(layout, encoded, depth: 0);

    private static ByteString Rewrite(KeyLayout layout, ByteString encoded, int depth)
    {
        if (depth > DepthMax)
        {
            throw new FormatException("The key is nested too deeply.");
        }

        // Values per field in arrival order. As in every protobuf parser, the last one counts for singular fields, parts of one message
        // are merged, and the last entry with a key counts in a map.
        var values = new SortedDictionary<int, List<FieldValue>>();
        var input = encoded.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (!layout.TryGetField(WireFormat.GetTagFieldNumber(tag), out var field))
            {
                input.SkipLastField();
                continue;
            }

            if (!values.TryGetValue(field.Number, out var list))
            {
                values.Add(field.Number, list = []);
            }

            ReadValues(input, tag, field, list);
        }

        return Write(layout, values, depth);
    }

    private static List<FieldValue> Rewrite(KeyField field, List<FieldValue> list, int depth)
    {
        if (!field.Repeated && list.Count > 1)
        {
            list = [new(0, ByteString.CopyFrom([.. list.SelectMany(part => part.Bytes)]))];
        }

        var rewritten = list.Select(value => new FieldValue(0, Rewrite(field.Layout!, value.Bytes, depth + 1)));
        return field.Kind == KeyFieldKind.Map
            ? [.. rewritten.GroupBy(entry => MapKeyOf(field.Layout!, entry.Bytes)).Select(entries => entries.Last())]
            : [.. rewritten];
    }

    private static FieldValue MapKeyOf(KeyLayout entryLayout, ByteString entry)
    {
        List<FieldValue> keys = [new(0, ByteString.Empty)];
        var input = entry.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1 && entryLayout.TryGetField(1, out var field))
            {
                ReadValues(input, tag, field, keys);
            }
            else
            {
                input.SkipLastField();
            }
        }

        return keys[^1];
    }

    private static void ReadValues(CodedInputStream input, uint tag, KeyField field, List<FieldValue> list)
    {
        var wireType = WireFormat.GetTagWireType(tag);
        switch (field.Kind)
        {
            case KeyFieldKind.Bytes when wireType == WireFormat.WireType.LengthDelimited:
                list.Add(new(0, input.ReadBytes()));
                break;
            case KeyFieldKind.Message or KeyFieldKind.Map when wireType == WireFormat.WireType.LengthDelimited:
                list.Add(new(0, input.ReadBytes()));
                break;
            case KeyFieldKind.Varint or KeyFieldKind.Fixed32 or KeyFieldKind.Fixed64
                when wireType == WireFormat.WireType.LengthDelimited && field.Repeated:
                var packed = input.ReadBytes().CreateCodedInput();
                while (!packed.IsAtEnd)
                {
                    list.Add(new(ReadNumber(packed, field.Kind), ByteString.Empty));
                }

                break;
            case KeyFieldKind.Varint when wireType == WireFormat.WireType.Varint:
            case KeyFieldKind.Fixed32 when wireType == WireFormat.WireType.Fixed32:
            case KeyFieldKind.Fixed64 when wireType == WireFormat.WireType.Fixed64:
                list.Add(new(ReadNumber(input, field.Kind), ByteString.Empty));
                break;
            default:
                throw new FormatException($"field {field.Number} of the key has the wrong wire type.");
        }
    }

    private static ulong ReadNumber(CodedInputStream input, KeyFieldKind kind) => kind switch
    {
        KeyFieldKind.Fixed32 => input.ReadFixed32(),
        KeyFieldKind.Fixed64 => input.ReadFixed64(),
        _ => input.ReadUInt64(),
    };

    private static ByteString Write(KeyLayout layout, SortedDictionary<int, List<FieldValue>> values, int depth)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            foreach (var (number, list) in values)
            {
                layout.TryGetField(number, out var field);
                WriteField(output, field, field.Layout is null ? list : Rewrite(field, list, depth));
            }
        }

        return UnsafeByteOperations.UnsafeWrap(buffer.ToArray());
    }

    private static void WriteField(CodedOutputStream output, KeyField field, List<FieldValue> list)
    {
        var isNumber = field.Kind is KeyFieldKind.Varint or KeyFieldKind.Fixed32 or KeyFieldKind.Fixed64;
        if (field.Repeated && isNumber)
        {
            using var packed = new MemoryStream();
            using (var packedOutput = new CodedOutputStream(packed, leaveOpen: true))
            {
                list.ForEach(value => WriteNumber(packedOutput, field.Kind, value.Number));
            }

            output.WriteTag(field.Number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(packed.ToArray()));
        }
        else if (field.Repeated)
        {
            // A map is a set of entries, so their order says nothing; a list's order does.
            var entries = field.Kind == KeyFieldKind.Map ? list.OrderBy(value => value.Bytes, BytesOrder.Instance) : list.AsEnumerable();
            foreach (var entry in entries)
            {
                output.WriteTag(field.Number, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(entry.Bytes);
            }
        }
        else if (isNumber)
        {
            if (field.Presence || list[^1].Number != 0)
            {
                output.WriteTag(field.Number, WireTypeOf(field.Kind));
                WriteNumber(output, field.Kind, list[^1].Number);
            }
        }
        else if (field.Presence || !list[^1].Bytes.IsEmpty)
        {
            output.WriteTag(field.Number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(list[^1].Bytes);
        }
    }

    private static WireFormat.WireType WireTypeOf(KeyFieldKind kind) => kind switch
    {
        KeyFieldKind.Fixed32 => WireFormat.WireType.Fixed32,
        KeyFieldKind.Fixed64 => WireFormat.WireType.Fixed64,
        _ => WireFormat.WireType.Varint,
    };

    private static void WriteNumber(CodedOutputStream output, KeyFieldKind kind, ulong number)
    {
        switch (kind)
        {
            case KeyFieldKind.Fixed32:
                output.WriteFixed32((uint)number);
                break;
            case KeyFieldKind.Fixed64:
                output.WriteFixed64(number);
                break;
            default:
                output.WriteUInt64(number);
                break;
        }
    }

    private readonly record struct FieldValue(ulong Number, ByteString Bytes);
}
