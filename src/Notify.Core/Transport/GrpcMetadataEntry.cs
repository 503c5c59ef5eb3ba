namespace Notify.Core.Transport;

/// <summary>One entry of call metadata: a key with an ASCII text or, where the key ends in <c>-bin</c>, with bytes.</summary>
public readonly record struct GrpcMetadataEntry
{
    internal GrpcMetadataEntry(string key, string text, ReadOnlyMemory<byte> bytes)
    {
        Key = key;
        Text = text;
        Bytes = bytes;
    }

    /// <summary>The key, in lower case.</summary>
    public string Key { get; }

    /// <summary>The text; empty for a binary entry.</summary>
    public string Text { get; }

    /// <summary>The bytes; empty for a text entry.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether the value is <see cref="Bytes"/>.</summary>
    public bool IsBinary => GrpcMetadata.IsBinaryKey(Key);

    /// <summary>The value as it stands in a header: the text, or the bytes as base64 without padding.</summary>
    public string HeaderValue => IsBinary ? Convert.ToBase64String(Bytes.Span).TrimEnd('=') : Text;
}
