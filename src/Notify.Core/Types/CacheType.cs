namespace Notify.Core.Types;

/// <summary>A cache type as one node knows it. Number and name never change; the rank may when other types are declared.</summary>
public sealed class CacheType
{
    private volatile int _rank;
    private volatile TypeDeclaration _declaration;
    private volatile ObjectType? _objectType;
    private string[] _followed = [];

    internal CacheType(int number, TypeDeclaration declaration, ObjectType? objectType) =>
        (Number, _declaration, _objectType) = (number, declaration, objectType);

    /// <summary>The number this node gives the type on its links, from 1.</summary>
    public int Number { get; }

    /// <summary>The declaration; the types referred to are the union of what all declarations said.</summary>
    public TypeDeclaration Declaration
    {
        get => _declaration;
        internal set => _declaration = value;
    }

    /// <summary>The generated type, or null on a node that mirrors the type without its code.</summary>
    public ObjectType? ObjectType
    {
        get => _objectType;
        internal set => _objectType = value;
    }

    /// <summary>Full name of the message.</summary>
    public string Name => _declaration.Name;

    /// <summary>Position in reference order: higher than the rank of everything this type refers to.</summary>
    public int Rank
    {
        get => _rank;
        internal set => _rank = value;
    }

    /// <summary>The types referred to, less those whose reference closes a cycle: what closures follow. Replaced, never changed.</summary>
    internal string[] Followed
    {
        get => Volatile.Read(ref _followed);
        set => Volatile.Write(ref _followed, value);
    }

    /// <summary>True for types that live in the dynamic space of a hub.</summary>
    public bool IsDynamic => _declaration.Kind == TypeKind.Dynamic;

    /// <summary>
    /// True for types whose objects nodes publish: dynamic and shared ones. They go up in the dynamic space; a shared one comes down in the store's.
    /// </summary>
    public bool IsPublished => _declaration.Kind != TypeKind.Stored;

    /// <summary>True for types whose objects nodes publish and controllers put into the store.</summary>
    public bool IsShared => _declaration.Kind == TypeKind.Shared;
}
