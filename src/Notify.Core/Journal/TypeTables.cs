using Google.Protobuf;
using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>The objects of one type: by key, and by scope and key.</summary>
/// <param name="ByKey">Every object.</param>
/// <param name="ByScope">Objects once per scope they carry, by <see cref="ScopedKey"/>.</param>
/// <param name="Bytes">Keys and values of all objects together.</param>
internal sealed record TypeTables(ObjectTable ByKey, ObjectTable ByScope, long Bytes)
{
    public static TypeTables Empty { get; } = new(ObjectTable.Empty, ObjectTable.Empty, 0);

    /// <summary>The objects that carry a scope, in key order.</summary>
    public IEnumerable<Envelope> InScope(ByteString scopeKey)
    {
        var prefix = ScopedKey(scopeKey, ByteString.Empty);
        foreach (var (key, envelope) in ByScope.From(prefix))
        {
            if (!key.Span.StartsWith(prefix.Span))
            {
                yield break;
            }

            yield return envelope;
        }
    }

    /// <summary>Length of the scope's key in four bytes, the scope's key, the object's key: one scope's objects lie together.</summary>
    public static ByteString ScopedKey(ByteString scopeKey, ByteString key)
    {
        var bytes = new byte[4 + scopeKey.Length + key.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes, scopeKey.Length);
        scopeKey.Span.CopyTo(bytes.AsSpan(4));
        key.Span.CopyTo(bytes.AsSpan(4 + scopeKey.Length));
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
