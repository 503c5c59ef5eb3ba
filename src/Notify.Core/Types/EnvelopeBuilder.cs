using System.Collections.Immutable;
using Google.Protobuf;

namespace Notify.Core.Types;

/// <summary>Collects the scopes and references of one object while its type describes it. Not thread safe; duplicates are dropped.</summary>
public sealed class EnvelopeBuilder
{
    private readonly ImmutableArray<Scope>.Builder _scopes = ImmutableArray.CreateBuilder<Scope>();
    private readonly ImmutableArray<ObjectId>.Builder _references = ImmutableArray.CreateBuilder<ObjectId>();

    /// <summary>Adds a filter key. A null or empty key adds nothing: an object without the key has no such scope.</summary>
    public void AddScope(string scopeType, KeyLayout layout, IMessage? key)
    {
        if (key is not null && layout.Encode(key) is { IsEmpty: false } bytes)
        {
            var scope = new Scope(scopeType, bytes);
            if (!_scopes.Contains(scope))
            {
                _scopes.Add(scope);
            }
        }
    }

    /// <summary>Adds a reference. A null or empty key adds nothing: the field is not set.</summary>
    public void AddReference(string type, KeyLayout layout, IMessage? key)
    {
        if (key is not null && layout.Encode(key) is { IsEmpty: false } bytes)
        {
            AddReference(new ObjectId(type, bytes));
        }
    }

    /// <summary>Adds a reference by its canonical id; the way to refer to a singular type, whose key is empty.</summary>
    public void AddReference(ObjectId target)
    {
        if (!_references.Contains(target))
        {
            _references.Add(target);
        }
    }

    /// <summary>Makes the envelope of the described object.</summary>
    public Envelope Build(ObjectId id, ByteString value) =>
        new(id, value) { Scopes = _scopes.ToImmutable(), References = _references.ToImmutable() };
}
