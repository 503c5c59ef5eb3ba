namespace Notify.Core.Types;

/// <summary>Where the objects of a cache type live. A type is never two of them.</summary>
public enum TypeKind
{
    /// <summary>In the store at the top; flows down.</summary>
    Stored = 0,

    /// <summary>With the node that publishes them; flows up, and down to whoever wants them.</summary>
    Dynamic = 1,

    /// <summary>Owned by nodes like dynamic ones, but published through the store.</summary>
    Shared = 2,
}
