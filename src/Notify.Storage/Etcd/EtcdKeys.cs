using System.Text;
using Google.Protobuf;
using Notify.Core.Types;

namespace Notify.Storage.Etcd;

/// <summary>
/// The keys of a store in etcd; docs/etcd.md has them. All are printable ASCII: bytes of an object's key that are not, and <c>/</c> and
/// <c>%</c>, are written as <c>%</c> and two digits, so that etcdctl can show and take them. Immutable.
/// </summary>
internal sealed class EtcdKeys
{
    private const string HexDigits = "0123456789ABCDEF";

    public EtcdKeys(string prefix)
    {
        Prefix = ByteString.CopyFromUtf8(prefix);
        PrefixEnd = EndOf(Prefix);
        Format = ByteString.CopyFromUtf8(prefix + "format");
        Store = ByteString.CopyFromUtf8(prefix + "store");
        Incarnation = ByteString.CopyFromUtf8(prefix + "incarnation");
        Head = ByteString.CopyFromUtf8(prefix + "head");
        Types = ByteString.CopyFromUtf8(prefix + "types/");
        TypesEnd = EndOf(Types);
        Objects = ByteString.CopyFromUtf8(prefix + "objects/");
        ObjectsEnd = EndOf(Objects);
    }

    /// <summary>What all keys begin with.</summary>
    public ByteString Prefix { get; }

    /// <summary>The first key after all that begin with the prefix.</summary>
    public ByteString PrefixEnd { get; }

    /// <summary>Number of the layout.</summary>
    public ByteString Format { get; }

    /// <summary>The store's id.</summary>
    public ByteString Store { get; }

    /// <summary>The store's incarnation.</summary>
    public ByteString Incarnation { get; }

    /// <summary>Every commit puts this key, so that its mod revision is the revision of the last one.</summary>
    public ByteString Head { get; }

    /// <summary>What the keys of declarations begin with.</summary>
    public ByteString Types { get; }

    /// <summary>The first key after those.</summary>
    public ByteString TypesEnd { get; }

    /// <summary>What the keys of objects begin with.</summary>
    public ByteString Objects { get; }

    /// <summary>The first key after those.</summary>
    public ByteString ObjectsEnd { get; }

    /// <summary>The key of a type's declaration.</summary>
    public ByteString OfType(string name) => ByteString.CopyFrom([.. Types.Span, .. Encoding.UTF8.GetBytes(name)]);

    /// <summary>The key of an object.</summary>
    public ByteString Of(ObjectId id)
    {
        var bytes = new MemoryStream(Objects.Length + id.Type.Length + 1 + (3 * id.Key.Length));
        bytes.Write(Objects.Span);
        bytes.Write(Encoding.UTF8.GetBytes(id.Type));
        bytes.WriteByte((byte)'/');
        foreach (var value in id.Key.Span)
        {
            if (IsPlain(value))
            {
                bytes.WriteByte(value);
            }
            else
            {
                bytes.WriteByte((byte)'%');
                bytes.WriteByte((byte)HexDigits[value >> 4]);
                bytes.WriteByte((byte)HexDigits[value & 15]);
            }
        }

        return UnsafeByteOperations.UnsafeWrap(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
    }

    /// <summary>The type that a key under <see cref="Types"/> declares.</summary>
    public string? TypeOf(ByteString key) => NameOf(key.Span[Types.Length..]);

    /// <summary>The object of a key under <see cref="Objects"/>; null where nothing that we write has this key.</summary>
    public ObjectId? ObjectOf(ByteString key)
    {
        var rest = key.Span[Objects.Length..];
        var slash = rest.IndexOf((byte)'/');
        return slash > 0 && NameOf(rest[..slash]) is { } type && Unescape(rest[(slash + 1)..]) is { } bytes ? new ObjectId(type, bytes) : null;
    }

    /// <summary>A key as a text for people.</summary>
    public static string Show(ByteString key) =>
        string.Concat(key.Span.ToArray().Take(500).Select(value => value is > 0x1F and < 0x7F ? ((char)value).ToString() : $"\\x{value:X2}"));

    /// <summary>The first key after all that begin with these bytes, whose last one is not the highest there is.</summary>
    private static ByteString EndOf(ByteString prefix)
    {
        var bytes = prefix.ToByteArray();
        bytes[^1]++;
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    private static bool IsPlain(byte value) => value is > (byte)' ' and < 0x7F and not ((byte)'%' or (byte)'/');

    /// <summary>Every object holds its type's name: one string for all.</summary>
    private static string? NameOf(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty || bytes.ContainsAnyExceptInRange((byte)'!', (byte)'~') || bytes.Contains((byte)'/') ? null : string.Intern(Encoding.ASCII.GetString(bytes));

    /// <summary>Takes only what escaping makes: two keys of etcd are never one object.</summary>
    private static ByteString? Unescape(ReadOnlySpan<byte> text)
    {
        var bytes = new byte[text.Length];
        var count = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var value = text[at];
            if (value == '%')
            {
                if (at + 2 >= text.Length || HexDigits.IndexOf((char)text[at + 1]) is var high && high < 0 || HexDigits.IndexOf((char)text[at + 2]) is var low && low < 0)
                {
                    return null;
                }

                value = (byte)((high << 4) | low);
                at += 2;
                if (IsPlain(value))
                {
                    return null;
                }
            }
            else if (!IsPlain(value))
            {
                return null;
            }

            bytes[count++] = value;
        }

        return UnsafeByteOperations.UnsafeWrap(bytes.AsMemory(0, count));
    }
}
