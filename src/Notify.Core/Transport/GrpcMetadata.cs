using System.Buffers;
using System.Collections;

namespace Notify.Core.Transport;

/// <summary>
/// Metadata of a call: an ordered list of entries, keys may repeat. Not safe for concurrent changes.
/// </summary>
public sealed class GrpcMetadata : IReadOnlyCollection<GrpcMetadataEntry>
{
    private static readonly SearchValues<char> KeyChars = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz_-.");
    private static readonly string[] ReservedKeys =
        ["content-type", "te", "user-agent", "host", "connection", "transfer-encoding", "content-length", "date"];

    private readonly List<GrpcMetadataEntry> _entries = [];

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>Adds a text.</summary>
    /// <param name="key">Digits, lower-case letters and <c>_ - .</c>; neither ending in <c>-bin</c> nor starting with <c>grpc-</c>.</param>
    /// <param name="text">Printable ASCII. Blanks at its ends do not survive the transport.</param>
    /// <exception cref="ArgumentException">The key or the text is not allowed.</exception>
    public void Add(string key, string text)
    {
        CheckKey(key);
        if (IsBinaryKey(key))
            throw new ArgumentException($"Metadata key '{key}' ends in -bin and takes bytes.", nameof(key));
        if (text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw new ArgumentException($"The value of metadata key '{key}' is not printable ASCII; use a key that ends in -bin.", nameof(text));
        _entries.Add(new GrpcMetadataEntry(key, text, default));
    }

    /// <summary>Adds bytes, which are not copied.</summary>
    /// <param name="key">As for <see cref="Add(string, string)"/>, and ending in <c>-bin</c>.</param>
    /// <param name="bytes">The value.</param>
    /// <exception cref="ArgumentException">The key is not allowed.</exception>
    public void Add(string key, ReadOnlyMemory<byte> bytes)
    {
        CheckKey(key);
        if (!IsBinaryKey(key))
            throw new ArgumentException($"Metadata key '{key}' does not end in -bin and takes a text.", nameof(key));
        _entries.Add(new GrpcMetadataEntry(key, "", bytes));
    }

    /// <summary>The last text under the key, or null.</summary>
    public string? GetText(string key) => FindLast(key) is { IsBinary: false } entry ? entry.Text : null;

    /// <summary>The last bytes under the key, or null.</summary>
    public ReadOnlyMemory<byte>? GetBytes(string key) => FindLast(key) is { IsBinary: true } entry ? entry.Bytes : (ReadOnlyMemory<byte>?)null;

    /// <inheritdoc/>
    public IEnumerator<GrpcMetadataEntry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// Adds what a peer sent in a header, and leaves out what belongs to the transport or is malformed: a peer's
    /// odd metadata is not a reason to fail its call. Several binary values in one header are separated by commas.
    /// </summary>
    public void AddReceived(string name, string value)
    {
        var key = name.ToLowerInvariant();
        if (!IsAllowedKey(key))
            return;
        if (!IsBinaryKey(key))
        {
            _entries.Add(new GrpcMetadataEntry(key, value, default));
            return;
        }
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (TryDecodeBase64(part, out var bytes))
                _entries.Add(new GrpcMetadataEntry(key, "", bytes));
        }
    }

    internal static bool IsBinaryKey(string key) => key.EndsWith("-bin", StringComparison.Ordinal);

    private static void CheckKey(string key)
    {
        if (!IsAllowedKey(key))
        {
            throw new ArgumentException(
                $"'{key}' is not a metadata key: digits, lower-case letters, '_', '-' and '.' only, and no name of the transport's own.", nameof(key));
        }
    }

    private static bool IsAllowedKey(string key) =>
        key.Length > 0
        && !key.AsSpan().ContainsAnyExcept(KeyChars)
        && (!key.StartsWith("grpc-", StringComparison.Ordinal) || key == "grpc-status-details-bin")
        && Array.IndexOf(ReservedKeys, key) < 0;

    private static bool TryDecodeBase64(string text, out byte[] bytes)
    {
        var padded = text.PadRight((text.Length + 3) / 4 * 4, '=');
        bytes = new byte[padded.Length / 4 * 3];
        if (!Convert.TryFromBase64String(padded, bytes, out var count))
            return false;
        Array.Resize(ref bytes, count);
        return true;
    }

    private GrpcMetadataEntry? FindLast(string key)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Key == key)
                return _entries[i];
        }
        return null;
    }
}
