namespace Notify.Core.Schemas;

/// <summary>Where the key of a cache type comes from.</summary>
internal enum KeySource
{
    /// <summary>A field of the object.</summary>
    Field = 0,

    /// <summary>The object is its own key.</summary>
    Self = 1,

    /// <summary>There is one object, and its key is empty.</summary>
    Singular = 2,

    /// <summary>A hook computes it.</summary>
    Custom = 3,
}
