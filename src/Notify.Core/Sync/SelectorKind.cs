namespace Notify.Core.Sync;

/// <summary>How a <see cref="Selector"/> chooses objects of a type.</summary>
public enum SelectorKind
{
    /// <summary>Every object of the type.</summary>
    All = 0,

    /// <summary>Objects that carry a scope.</summary>
    Scope = 1,

    /// <summary>Objects without a scope of their own that objects in the interest's scopes refer to, directly or through others.</summary>
    Referred = 2,

    /// <summary>One object.</summary>
    Key = 3,

    /// <summary>A name that only later layers know.</summary>
    Named = 4,
}
