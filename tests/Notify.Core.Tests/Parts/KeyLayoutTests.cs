using Google.Protobuf;
using Notify.Core.Types;

namespace Notify.Core.Tests.Parts;

/// <summary>The canonical form of keys, without generated code: one encoding for each key, whoever wrote it.</summary>
public sealed class KeyLayoutTests
{
    private static readonly KeyLayout s_inner = new([new KeyField(1, KeyFieldKind.Bytes), new KeyField(2, KeyFieldKind.Varint)]);

    private static readonly KeyLayout s_layout = new(
    [
        new KeyField(5, KeyFieldKind.Map, Repeated: true, new KeyLayout([new KeyField(1, KeyFieldKind.Bytes), new KeyField(2, KeyFieldKind.Varint)])),
        new KeyField(1, KeyFieldKind.Bytes),
        new KeyField(2, KeyFieldKind.Varint),
        new KeyField(3, KeyFieldKind.Message, Layout: s_inner),
        new KeyField(4, KeyFieldKind.Varint, Repeated: true),
        new KeyField(6, KeyFieldKind.Fixed32),
        new KeyField(7, KeyFieldKind.Fixed64),
        new KeyField(8, KeyFieldKind.Varint, Presence: true),
    ]);

    [Theory]
    [InlineData("", "")]
    [InlineData("0A0161", "0A0161")] // As it is.
    [InlineData("10010A0161", "0A01611001")] // Fields out of order.
    [InlineData("0A00", "")] // A default.
    [InlineData("1000", "")] // A default.
    [InlineData("1081 00", "1001")] // A varint longer than it has to be.
    [InlineData("0A01610A0162", "0A0162")] // The last one counts.
    [InlineData("0A0161 7801", "0A0161")] // A field that the layout does not know.
    [InlineData("1A00", "")] // An empty embedded message.
    [InlineData("1A030A0161 1A021002", "1A050A01611002")] // Parts of one message are merged.
    [InlineData("1A0510020A0161", "1A050A01611002")] // Order inside.
    [InlineData("2001 2002", "22020102")] // Numbers are packed.
    [InlineData("220101 2002", "22020102")] // Packed in parts.
    [InlineData("2A050A01621002 2A050A01611001", "2A050A01611001 2A050A01621002")] // Entries are sorted.
    [InlineData("2A050A01611001 2A050A01611002", "2A050A01611002")] // The last entry with a key counts.
    [InlineData("3500000000 390000000000000000", "")] // Fixed defaults.
    [InlineData("3901000000000000003502000000", "3502000000390100000000000000")]
    [InlineData("4000", "4000")] // Presence: a default that was set stays.
    public void Canonicalize_MakesOneFormOfEachKey(string encoded, string expected)
    {
        var canonical = s_layout.Canonicalize(Hex(encoded));

        Assert.Equal(Hex(expected), canonical);
        Assert.True(s_layout.IsCanonical(canonical));
        Assert.Equal(Hex(encoded).Equals(Hex(expected)), s_layout.IsCanonical(Hex(encoded)));
    }

    [Theory]
    [InlineData("0A")] // Cut off.
    [InlineData("0AFF")]
    [InlineData("0801")] // A number where bytes belong.
    [InlineData("120161")] // Bytes where a number belongs.
    [InlineData("0B")] // A group.
    [InlineData("00")] // No field has the number 0.
    [InlineData("1A0108")] // Cut off inside.
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")]
    public void IsCanonical_OfWhatIsNoKey_IsFalse(string encoded) => Assert.False(s_layout.IsCanonical(Hex(encoded)));

    [Fact]
    public void IsCanonical_OfRandomBytes_NeverThrows_AndAgreesWithCanonicalize()
    {
        var random = new Random(1);
        var accepted = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = new byte[random.Next(9)];
            random.NextBytes(bytes);
            if (bytes.Length > 1 && random.Next(2) == 0)
            {
                (bytes[0], bytes[1]) = (0x0A, (byte)(bytes.Length - 2));
            }

            var encoded = ByteString.CopyFrom(bytes);
            if (s_layout.IsCanonical(encoded))
            {
                accepted++;
                Assert.Same(encoded, s_layout.Canonicalize(encoded));
            }
        }

        Assert.True(accepted > 1000);
    }

    [Fact]
    public void Layout_NestedTooDeeply_IsNoKey()
    {
        var (layout, encoded) = (new KeyLayout([new KeyField(1, KeyFieldKind.Bytes)]), Hex("0A0161"));
        for (var depth = 0; depth < 20; depth++)
        {
            layout = new KeyLayout([new KeyField(1, KeyFieldKind.Message, Layout: layout)]);
            encoded = ByteString.CopyFrom([0x0A, (byte)encoded.Length, .. encoded]);
        }

        Assert.False(layout.IsCanonical(encoded));
    }

    [Fact]
    public void Equality_IsThatOfFields_InAnyOrder()
    {
        Assert.Equal(s_inner, new KeyLayout([new KeyField(2, KeyFieldKind.Varint), new KeyField(1, KeyFieldKind.Bytes)]));
        Assert.NotEqual(s_inner, new KeyLayout([new KeyField(2, KeyFieldKind.Fixed32), new KeyField(1, KeyFieldKind.Bytes)]));
        Assert.NotEqual(s_inner, KeyLayout.Empty);
        Assert.True(KeyLayout.Empty.IsCanonical(ByteString.Empty));
        Assert.False(KeyLayout.Empty.IsCanonical(Hex("0A0161")));
    }

    private static ByteString Hex(string hex) => ByteString.CopyFrom(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
}
