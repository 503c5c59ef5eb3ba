namespace Notify.Core.Sessions;

/// <summary>How far the nodes of a tree are with a revision of the store. Immutable.</summary>
public sealed record AppliedProgress
{
    /// <summary>How many names there are in <see cref="PendingNodes"/> at most.</summary>
    public const int NamesMax = 20;

    /// <summary>How many of the nodes have not applied the revision, as far as is known.</summary>
    public required int Pending { get; init; }

    /// <summary>Some of their names, those of nodes without a session first.</summary>
    public required IReadOnlyList<string> PendingNodes { get; init; }

    /// <summary>
    /// Names of pending nodes that were here and have no session now, with neither a goodbye nor anything heard of them since. All of them that this
    /// node knows of, in their order.
    /// </summary>
    public required IReadOnlyList<string> Vanished { get; init; }

    /// <summary>
    /// Every one of the nodes has applied the revision: its mirror shows it, and its synchronous handlers have returned. What is outside of a
    /// node's interest it need not have.
    /// </summary>
    public bool IsApplied => Pending == 0;
}
