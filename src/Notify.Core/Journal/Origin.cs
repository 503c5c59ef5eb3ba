namespace Notify.Core.Journal;

/// <summary>
/// Where the shown version of an object came from: this node itself, its upstream, or a neighbour below. Compared by reference. Nothing
/// returns to where it came from.
/// </summary>
/// <param name="Node">Name of the neighbour, for people.</param>
public sealed record Origin(string Node)
{
    /// <summary>Published here, or read from the store.</summary>
    public static Origin Local { get; } = new("(local)");

    /// <summary>Received from above.</summary>
    public static Origin Upstream { get; } = new("(upstream)");

    /// <summary>Identity, not the name: two neighbours may have had one name.</summary>
    public bool Equals(Origin? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}
