using Notify.Core.Transport;

namespace Notify.Transport.Tests;

public sealed class HeaderTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text, ~ and all", "plain text, ~ and all")]
    [InlineData("100%", "100%25")]
    [InlineData("a\nb\u007f", "a%0Ab%7F")]
    [InlineData("\u00e9\u4f60\U0001F600", "%C3%A9%E4%BD%A0%F0%9F%98%80")]
    public void MessageText_Encoded_DecodesToItself(string text, string encoded)
    {
        Assert.Equal(encoded, GrpcMessageText.Encode(text));
        Assert.Equal(text, GrpcMessageText.Decode(encoded));
    }

    [Theory]
    [InlineData("%", "%")]
    [InlineData("50% of", "50% of")]
    [InlineData("%4", "%4")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("%e4%bd%a0", "\u4f60")]
    [InlineData("%ff", "\ufffd")]
    public void MessageText_WithBrokenEscapes_IsDecodedAsFarAsItGoes(string header, string text) =>
        Assert.Equal(text, GrpcMessageText.Decode(header));

    [Theory]
    [InlineData("x", 1)]
    [InlineData("\u4f60", 9)]
    public void MessageText_ThatIsTooLong_IsCutBetweenCharacters(string character, int encodedChars)
    {
        var text = string.Concat(Enumerable.Repeat(character, 5000));

        var encoded = GrpcMessageText.Encode(text);

        Assert.Equal(GrpcMessageText.EncodedCharsMax / encodedChars * encodedChars, encoded.Length);
        Assert.StartsWith(GrpcMessageText.Decode(encoded), text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0u")]
    [InlineData(-5, "0u")]
    [InlineData(1, "1u")]
    [InlineData(15_000_000, "1500000u")]
    [InlineData(999_999_990, "99999999u")]
    [InlineData(1_000_000_000, "100000m")]
    [InlineData(1_000_000_001, "100001m")]
    [InlineData(864_000_000_000 * 10, "864000S")]
    [InlineData(long.MaxValue, "99999999H")]
    public void Timeout_Formatted_UsesTheFinestUnitThatHoldsItAndRoundsUp(long ticks, string header) =>
        Assert.Equal(header, GrpcTimeout.Format(new TimeSpan(ticks)));

    [Theory]
    [InlineData("1H", 36_000_000_000)]
    [InlineData("2M", 1_200_000_000)]
    [InlineData("3S", 30_000_000)]
    [InlineData("4m", 40_000)]
    [InlineData("5u", 50)]
    [InlineData("601n", 7)]
    [InlineData("0m", 0)]
    [InlineData("99999999H", 99_999_999 * 36_000_000_000)]
    public void Timeout_OfEachUnit_IsRead(string header, long ticks)
    {
        Assert.True(GrpcTimeout.TryParse(header, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("1")]
    [InlineData("1s")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData("1 S")]
    [InlineData("123456789S")]
    public void Timeout_OfAnotherForm_IsNot(string header) => Assert.False(GrpcTimeout.TryParse(header, out _));

    [Theory]
    [InlineData("x-Upper")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("grpc-status")]
    [InlineData("te")]
    [InlineData(":path")]
    public void Metadata_WithAKeyThatIsNotAllowed_IsRefused(string key) =>
        Assert.Throws<ArgumentException>(() => new GrpcMetadata { { key, "value" } });

    [Fact]
    public void Metadata_WithTheWrongKindOfValue_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new GrpcMetadata { { "x-bin", "text" } });
        Assert.Throws<ArgumentException>(() => new GrpcMetadata { { "x", new byte[1] } });
        Assert.Throws<ArgumentException>(() => new GrpcMetadata { { "x", "\u00e9" } });
    }

    [Fact]
    public void Metadata_Received_DecodesBinaryWithAndWithoutPaddingAndSkipsTheTransportsOwn()
    {
        var metadata = new GrpcMetadata();

        metadata.AddReceived("X-Bin", "AQI=, AwQ,!!");
        metadata.AddReceived("grpc-encoding", "gzip");
        metadata.AddReceived("content-type", "application/grpc");
        metadata.AddReceived("x-text", "one");
        metadata.AddReceived("x-text", "two");

        Assert.Equal(["x-bin", "x-bin", "x-text", "x-text"], metadata.Select(e => e.Key));
        Assert.Equal(new byte[] { 3, 4 }, metadata.GetBytes("x-bin")!.Value.ToArray());
        Assert.Equal("two", metadata.GetText("x-text"));
        Assert.Null(metadata.GetText("x-bin"));
        Assert.Null(metadata.GetBytes("nothing-bin"));
    }

    [Fact]
    public void Status_OfASuccess_HasNoDetail() => Assert.Equal(GrpcStatus.Ok, GrpcHeaders.ParseStatus("0", "OK"));

    [Theory]
    [InlineData("14", "gone", GrpcStatusCode.Unavailable)]
    [InlineData("17", "what", GrpcStatusCode.Unknown)]
    [InlineData("-1", "what", GrpcStatusCode.Unknown)]
    [InlineData("x", "what", GrpcStatusCode.Unknown)]
    public void Status_FromHeaders_HasAKnownCode(string status, string message, GrpcStatusCode code)
    {
        var parsed = GrpcHeaders.ParseStatus(status, message);

        Assert.Equal(code, parsed.Code);
        Assert.Contains(message, parsed.Detail, StringComparison.Ordinal);
    }
}
