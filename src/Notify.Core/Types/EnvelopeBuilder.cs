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
            AddScope(new Scope(scopeType, bytes));
        }
    }

    /// <summary>Adds a filter key that is canonical already.</summary>
    public void AddScope(Scope scope)
    {
        if (!_scopes.Contains(scope))
        {
            _scopes.Add(scope);
        }
    }

    /// <summary>Adds a reference to the object of <paramref name="target"/> with that key. A null or empty key adds nothing: the field is not set.</summary>
    public void AddReference<TKey, TObject>(ObjectType<TKey, TObject> target, TKey? key)
        where TKey : class, IMessage<TKey>
        where TObject : class, IMessage<TObject>
    {
        if (key is not null && target.IdOf(key) is { Key.IsEmpty: false } id)
        {
            AddReference(id);
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

    /// <summary>
    /// Makes the envelope of the described object. Scopes and references are sorted, so that they depend on what the object says and
    /// not on the order in which a map or a schema version says it.
    /// </summary>
    public Envelope Build(ObjectId id, ByteString value)
    {
        _scopes.Sort();
        _references.Sort();
        return new(id, value) { Scopes = _scopes.ToImmutable(), References = _references.ToImmutable() };
    }
}
