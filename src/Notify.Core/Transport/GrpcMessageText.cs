using System.Text;

namespace Notify.Core.Transport;

/// <summary>The percent-encoding of the <c>grpc-message</c> header: UTF-8, with everything but printable ASCII, and '%', escaped.</summary>
public static class GrpcMessageText
{
    /// <summary>The longest encoded text that is sent; what is longer is cut between characters. Peers limit header lists to 8 KiB and up.</summary>
    public const int EncodedCharsMax = 4096;

    /// <summary>Encodes a text for the header.</summary>
    public static string Encode(string text)
    {
        if (text.Length <= EncodedCharsMax && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('%', StringComparison.Ordinal))
            return text;
        var encoded = new StringBuilder(text.Length + 16);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(utf8);
            var plain = rune.Value is >= ' ' and <= '~' and not '%';
            if (encoded.Length + (plain ? 1 : 3 * length) > EncodedCharsMax)
                break;
            if (plain)
            {
                encoded.Append((char)rune.Value);
                continue;
            }
            foreach (var b in utf8[..length])
                encoded.Append('%').Append(HexDigit(b >> 4)).Append(HexDigit(b & 15));
        }
        return encoded.ToString();
    }

    /// <summary>Decodes a header. Never fails: a broken escape stays as it stands, bytes that are not UTF-8 become U+FFFD.</summary>
    public static string Decode(string header)
    {
        if (!header.Contains('%', StringComparison.Ordinal))
            return header;
        var source = Encoding.UTF8.GetBytes(header);
        var length = 0;
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length && char.IsAsciiHexDigit((char)source[i + 1]) && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                source[length++] = (byte)((HexValue(source[i + 1]) << 4) | HexValue(source[i + 2]));
                i += 2;
            }
            else
            {
                source[length++] = source[i];
            }
        }
        return Encoding.UTF8.GetString(source, 0, length);
    }

    private static char HexDigit(int value) => "0123456789ABCDEF"[value];

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
