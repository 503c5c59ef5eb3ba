using Notify.Core.Types;

namespace Notify.Core.Messages;

/// <summary>Where a message goes. Immutable.</summary>
public sealed record MessageTarget
{
    private MessageTarget()
    {
    }

    /// <summary>The node at the top of the tree.</summary>
    public static MessageTarget Top { get; } = new();

    /// <summary>Name of the node to go to, or null.</summary>
    public string? Node { get; private init; }

    /// <summary>The scope whose nodes to go to, or null.</summary>
    public Scope? Scope { get; private init; }

    /// <summary>One node.</summary>
    public static MessageTarget ToNode(string node) => new() { Node = node };

    /// <summary>Every node that is interested in a scope.</summary>
    public static MessageTarget ToScope(Scope scope) => new() { Scope = scope };
}
