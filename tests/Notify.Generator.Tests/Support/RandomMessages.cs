using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Generator.Tests.Support;

/// <summary>Fills messages with random values out of few, so that defaults, equal values and unset fields come up often.</summary>
internal sealed class RandomMessages(Random random)
{
    private static readonly string[] Texts = ["", "a", "b", "Zürich", "\u0001", "longer than one byte of length needs".PadRight(200, '.')];

    public T Fill<T>(T message, int depth = 4)
        where T : IMessage
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (random.Next(4) > 0 && (depth > 0 || field.FieldType != FieldType.Message))
            {
                Set(message, field, depth);
            }
        }

        return message;
    }

    /// <summary>
    /// An encoding of one message in parts, as writers may do it: singular messages come in pieces to be merged, later values of a field
    /// replace earlier ones, and there is a field that the schema does not know.
    /// </summary>
    public ByteString InParts(Func<IMessage> create)
    {
        var parts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Fill(create()).ToByteArray()).ToList();
        if (random.Next(3) == 0)
        {
            parts.Add([0xfa, 0x7f, 1, 7]);
        }

        return ByteString.CopyFrom([.. parts.SelectMany(part => part)]);
    }

    private void Set(IMessage message, FieldDescriptor field, int depth)
    {
        if (field.IsMap)
        {
            var map = (IDictionary)field.Accessor.GetValue(message);
            for (var i = random.Next(4); i > 0; i--)
            {
                map[Value(field.MessageType.FindFieldByNumber(1), depth)] = Value(field.MessageType.FindFieldByNumber(2), depth);
            }
        }
        else if (field.IsRepeated)
        {
            var list = (IList)field.Accessor.GetValue(message);
            for (var i = random.Next(4); i > 0; i--)
            {
                list.Add(Value(field, depth));
            }
        }
        else
        {
            field.Accessor.SetValue(message, Value(field, depth));
        }
    }

    private object Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.String => Texts[random.Next(Texts.Length)],
        FieldType.Bytes => ByteString.CopyFromUtf8(Texts[random.Next(Texts.Length)]),
        FieldType.Message => Fill((IMessage)Activator.CreateInstance(field.MessageType.ClrType)!, depth - 1),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Enum => random.Next(-1, 4),
        FieldType.Double => random.Next(-1, 2) * 0.5,
        FieldType.Float => random.Next(-1, 2) * 0.5f,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => random.Next(-2, 3) * 70_000,
        FieldType.UInt32 or FieldType.Fixed32 => (uint)random.Next(0, 3) * 2_000_000_000,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => random.Next(-2, 3) * 70_000_000_000L,
        _ => (ulong)random.Next(0, 3) * 9_000_000_000_000_000_000,
    };
}
