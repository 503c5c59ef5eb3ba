using System.Collections.Immutable;
using Google.Protobuf;
using Notify.Core.Types;

namespace Notify.Core.Sync;

/// <summary>What a node wants mirrored: selectors of types. Immutable; each method returns a wider or narrower interest.</summary>
public sealed record Interest
{
    /// <summary>No interest at all.</summary>
    public static Interest None { get; } = new();

    /// <summary>The (type, selector) pairs.</summary>
    public ImmutableHashSet<(string Type, Selector Selector)> Items { get; private init; } = [];

    /// <summary>Adds one selector of a type.</summary>
    public Interest With(string type, Selector selector) => new() { Items = Items.Add((type, selector)) };

    /// <summary>Takes one selector of a type away.</summary>
    public Interest Without(string type, Selector selector) => new() { Items = Items.Remove((type, selector)) };

    /// <summary>Adds every object of the types.</summary>
    public Interest WithAll(params IEnumerable<ObjectType> types) =>
        types.Aggregate(this, (interest, type) => interest.With(type.Name, Selector.All));

    /// <summary>
    /// Adds what a scope needs: of scoped types the objects that carry the scope, of all others what those refer to.
    /// </summary>
    /// <param name="scopeKey">The scope's key message, a CloudletKey in the edge model.</param>
    /// <param name="types">The types wanted.</param>
    public Interest WithScope(IMessage scopeKey, params IEnumerable<ObjectType> types)
    {
        var scope = new Scope(scopeKey.Descriptor.FullName, KeyLayout.FromDescriptor(scopeKey.Descriptor).Encode(scopeKey));
        return types.Aggregate(this, (interest, type) => interest.With(
            type.Name, type.Declaration.ScopeType == scope.Type ? Selector.In(scope) : Selector.Referred));
    }
}
