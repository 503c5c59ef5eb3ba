using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Notify.Core.Types;

/// <summary>The typed half of <see cref="CompiledObjectType"/>; the base of what the generator writes.</summary>
/// <typeparam name="TKey">The key message.</typeparam>
/// <typeparam name="TObject">The annotated message.</typeparam>
public abstract class ObjectType<TKey, TObject> : CompiledObjectType
    where TKey : class, IMessage<TKey>
    where TObject : class, IMessage<TObject>
{
    private readonly MessageParser<TKey> _keyParser;
    private readonly MessageParser<TObject> _parser;

    /// <summary>Creates the type.</summary>
    protected ObjectType(TypeDeclaration declaration, MessageParser<TKey> keyParser, MessageParser<TObject> parser)
        : base(declaration)
    {
        (_keyParser, _parser) = (keyParser, parser);
        Descriptor = parser.ParseFrom(ByteString.Empty).Descriptor;
    }

    /// <inheritdoc/>
    public sealed override MessageDescriptor Descriptor { get; }

    /// <inheritdoc/>
    public sealed override MessageDescriptor KeyDescriptor => _keyParser.ParseFrom(ByteString.Empty).Descriptor;

    /// <summary>The key of an object.</summary>
    /// <exception cref="InvalidObjectException">The object has no key.</exception>
    public abstract TKey KeyOf(TObject obj);

    /// <summary>The id of the object with <paramref name="key"/>.</summary>
    public ObjectId IdOf(TKey key) => new(Name, Declaration.KeyLayout.Encode(key));

    /// <summary>The typed form of <see cref="Decode"/>.</summary>
    public TObject DecodeObject(Envelope envelope) => envelope.Decode(_parser.ParseFrom);

    /// <summary>The typed form of <see cref="DecodeKey"/>.</summary>
    public TKey ParseKey(ByteString key) => _keyParser.ParseFrom(key);

    /// <inheritdoc/>
    public sealed override IMessage Decode(Envelope envelope) => DecodeObject(envelope);

    /// <inheritdoc/>
    public sealed override IMessage DecodeKey(ByteString key) => ParseKey(key);

    /// <inheritdoc/>
    public sealed override Envelope Read(ByteString value) => Describe(Parse(value), value);

    /// <inheritdoc/>
    public sealed override Envelope Describe(IMessage message) => message is TObject obj
        ? Describe(obj, obj.ToByteString())
        : throw new ArgumentException($"Expected a {Name}, got a {message.Descriptor.FullName}.", nameof(message));

    /// <summary>The field to name when the key is empty.</summary>
    protected virtual string KeyField => "key";

    /// <summary>Adds the object's scopes and references.</summary>
    protected abstract void DescribeLinks(TObject obj, EnvelopeBuilder envelope);

    internal sealed override ObjectId? ReadId(ByteString value) => IdOfObject(Parse(value));

    private TObject Parse(ByteString value)
    {
        try
        {
            return _parser.ParseFrom(value);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw InvalidObjectException.NotOfType(Name, e.Message);
        }
    }

    private Envelope Describe(TObject obj, ByteString value)
    {
        var id = IdOfObject(obj);
        try
        {
            var envelope = new EnvelopeBuilder();
            DescribeLinks(obj, envelope);
            return envelope.Build(id, value);
        }
        catch (FormatException e)
        {
            throw InvalidObjectException.NotOfType(Name, e.Message); // As for the key.
        }
    }

    private ObjectId IdOfObject(TObject obj)
    {
        try
        {
            var key = Declaration.KeyLayout.Encode(KeyOf(obj));
            return key.IsEmpty && Declaration.KeyLayout.Fields.Length > 0
                ? throw InvalidObjectException.KeyEmpty(Name, KeyField)
                : new ObjectId(Name, key);
        }
        catch (FormatException e)
        {
            // A parser takes a known field with another wire type for an unknown one; in a key it is refused.
            throw InvalidObjectException.NotOfType(Name, e.Message);
        }
    }
}
