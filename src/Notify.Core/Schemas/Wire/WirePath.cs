using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas.Wire;

/// <summary>
/// Reads the values at the end of a field path off an encoded message, as a parser would see them: the last value of a field counts,
/// parts of one message are merged, setting a field of a oneof clears the others, the last entry with a key counts in a map.
/// </summary>
internal static class WirePath
{
    public static IEnumerable<WireValue> Read(ByteString message, FieldPath path)
    {
        IEnumerable<WireValue> values = [new(0, message)];
        return path.Steps.Aggregate(values, (from, step) => from.SelectMany(value => Values(value.Bytes, step)));
    }

    private static List<WireValue> Values(ByteString message, FieldStep step)
    {
        var values = Occurrences(message, step);
        return step.Shape switch
        {
            StepShape.Repeated => values,
            StepShape.MapValues => MapValues(values, step),
            _ when values.Count < 2 => values,
            _ when step.Type == FieldType.Message => [new(0, Concat(values))],
            _ => [values[^1]],
        };
    }

    /// <summary>What is encoded for the field, since a rival in its oneof was last set.</summary>
    private static List<WireValue> Occurrences(ByteString message, FieldStep step)
    {
        List<WireValue> values = [];
        var wireType = step.Shape == StepShape.MapValues ? WireFormat.WireType.LengthDelimited : WireValue.WireTypeOf(step.Type);
        var input = message.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            if (number == step.Number && WireFormat.GetTagWireType(tag) == wireType)
            {
                values.Add(WireValue.Read(input, wireType));
            }
            else if (number == step.Number && step.Shape == StepShape.Repeated && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                var packed = input.ReadBytes().CreateCodedInput();
                while (!packed.IsAtEnd)
                {
                    values.Add(WireValue.Read(packed, wireType));
                }
            }
            else
            {
                if (step.Rivals.Contains(number))
                {
                    values.Clear();
                }

                input.SkipLastField();
            }
        }

        return values;
    }

    private static List<WireValue> MapValues(List<WireValue> entries, FieldStep step)
    {
        var byKey = new Dictionary<WireValue, WireValue>();
        var valueStep = step with { Number = 2, Shape = StepShape.Singular, Rivals = default };
        foreach (var entry in entries)
        {
            byKey[KeyOf(entry.Bytes)] = Values(entry.Bytes, valueStep) is [var value, ..] ? value : WireValue.Default;
        }

        return [.. byKey.Values];
    }

    private static WireValue KeyOf(ByteString entry)
    {
        var key = WireValue.Default;
        var input = entry.CreateCodedInput();
        while (input.ReadTag() is var tag && tag != 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1)
            {
                key = WireValue.Read(input, WireFormat.GetTagWireType(tag));
            }
            else
            {
                input.SkipLastField();
            }
        }

        return key;
    }

    private static ByteString Concat(List<WireValue> parts)
    {
        using var buffer = new MemoryStream();
        parts.ForEach(part => part.Bytes.WriteTo(buffer));
        return UnsafeByteOperations.UnsafeWrap(buffer.ToArray());
    }
}
