namespace Notify.Core.Schemas;

/// <summary>Where the objects of a type live; the runtime's kinds by the same names and numbers, which the generator writes.</summary>
internal enum ModelKind
{
    /// <summary>In the store.</summary>
    Stored = 0,

    /// <summary>With the node that sends them up.</summary>
    Dynamic = 1,

    /// <summary>Owned by nodes, published through the store.</summary>
    Shared = 2,
}
