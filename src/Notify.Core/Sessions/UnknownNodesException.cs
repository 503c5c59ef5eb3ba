namespace Notify.Core.Sessions;

/// <summary>Nothing is known of nodes that were asked for: they were never connected anywhere below since this node started, or are forgotten.</summary>
public sealed class UnknownNodesException : NotifyException
{
    /// <summary>Creates the exception for a selector.</summary>
    /// <param name="node">Name of the node that was asked.</param>
    /// <param name="nodes">The selector.</param>
    /// <param name="names">Names in it that are not known; none, where nothing matches at all.</param>
    public UnknownNodesException(string node, NodeSelector nodes, IReadOnlyList<string> names)
        : base(names.Count > 0 ? $"{node} knows no node {string.Join(", no node ", names)}." : $"{node} knows no node that '{nodes}' selects.") =>
        Names = names;

    /// <summary>Names that are not known; none, where nothing matches at all.</summary>
    public IReadOnlyList<string> Names { get; }
}
