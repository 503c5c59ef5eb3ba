using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Core.Schemas;

namespace Notify.Core.Types;

/// <summary>
/// The shape of a key message: enough to check that encoded bytes are the canonical form, and to produce that form, on a node
/// that has no generated code for the message. Immutable.
/// </summary>
/// <remarks>
/// Canonical: fields ascending, shortest varints, no defaults (unless a scalar's presence is tracked; an empty embedded message is a default), no unknown fields, numbers packed, map
/// entries sorted by their encoded key. Two keys are equal exactly when their canonical bytes are.
/// Layouts of fields with the same wire type are equal, as those of string and bytes: all that the tree does with a key it does with its bytes, so both
/// schemas name the same objects. Which values both read alike is protobuf's matter.
/// </remarks>
public sealed class KeyLayout : IEquatable<KeyLayout>
{
    private readonly Dictionary<int, KeyField> _byNumber;

    /// <summary>Creates a layout from fields in any order.</summary>
    public KeyLayout(IEnumerable<KeyField> fields)
    {
        Fields = [.. fields.OrderBy(field => field.Number)];
        _byNumber = Fields.ToDictionary(field => field.Number);
    }

    /// <summary>A key with no fields: the type has at most one object.</summary>
    public static KeyLayout Empty { get; } = new([]);

    /// <summary>The fields by ascending number.</summary>
    public ImmutableArray<KeyField> Fields { get; }

    /// <summary>Reads the layout off a descriptor.</summary>
    /// <exception cref="ArgumentException">The message contains itself or a group.</exception>
    public static KeyLayout FromDescriptor(MessageDescriptor message) => FromDescriptor(message, []);

    /// <summary>The canonical bytes of <paramref name="message"/>.</summary>
    public ByteString Encode(IMessage message) => Canonicalize(message.ToByteString());

    /// <summary>True when <paramref name="encoded"/> is canonical.</summary>
    public bool IsCanonical(ByteString encoded)
    {
        try
        {
            return Canonicalize(encoded).Equals(encoded);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException)
        {
            return false;
        }
    }

    /// <summary>Rewrites an encoded key into its canonical form; returns the same instance where it already is.</summary>
    /// <exception cref="InvalidProtocolBufferException">The bytes are no protobuf message.</exception>
    /// <exception cref="FormatException">The bytes are no message of this layout.</exception>
    public ByteString Canonicalize(ByteString encoded)
    {
        var canonical = CanonicalKeyWriter.Rewrite(this, encoded);
        return canonical.Equals(encoded) ? encoded : canonical;
    }

    /// <summary>Finds a field by its number.</summary>
    public bool TryGetField(int number, out KeyField field) => _byNumber.TryGetValue(number, out field!);

    /// <inheritdoc/>
    public bool Equals(KeyLayout? other) => other is not null && Fields.SequenceEqual(other.Fields);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as KeyLayout);

    /// <inheritdoc/>
    public override int GetHashCode() => Fields.Aggregate(0, (hash, field) => HashCode.Combine(hash, field.Number, field.Kind));

    private static KeyLayout FromDescriptor(MessageDescriptor message, ImmutableHashSet<string> above)
    {
        if (above.Contains(message.FullName))
        {
            throw new ArgumentException($"{message.FullName} contains itself; a key must have a fixed depth.", nameof(message));
        }

        var inside = above.Add(message.FullName);
        return new(message.Fields.InDeclarationOrder().Select(field => FromField(field, inside)));
    }

    private static KeyField FromField(FieldDescriptor field, ImmutableHashSet<string> above)
    {
        var kind = field.FieldType switch
        {
            FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => KeyFieldKind.Fixed64,
            FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => KeyFieldKind.Fixed32,
            FieldType.String or FieldType.Bytes => KeyFieldKind.Bytes,
            FieldType.Message => field.IsMap ? KeyFieldKind.Map : KeyFieldKind.Message,
            _ when Groups.IsGroup(field) => throw new ArgumentException($"{field.FullName} is a group, which a key cannot contain.", nameof(field)),
            _ => KeyFieldKind.Varint,
        };
        var layout = field.FieldType == FieldType.Message ? FromDescriptor(field.MessageType, above) : null;
        return new(field.FieldNumber, kind, field.IsRepeated, layout, field.HasPresence && kind != KeyFieldKind.Message);
    }
}
