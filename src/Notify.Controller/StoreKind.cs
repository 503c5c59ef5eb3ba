namespace Notify.Controller;

/// <summary>Where the controller keeps objects.</summary>
internal enum StoreKind
{
    /// <summary>In a folder of its own.</summary>
    Embedded = 0,

    /// <summary>In memory only.</summary>
    Memory = 1,

    /// <summary>In an etcd cluster that several controllers share.</summary>
    Etcd = 2,
}
