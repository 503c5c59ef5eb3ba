namespace Notify.Core.Sessions;

/// <summary>There are as many waits for nodes below as are allowed at a time.</summary>
public sealed class TooManyWaitsException(int waitsMax)
    : NotifyException($"There are {waitsMax} waits for nodes below already, the limit of this node. Try again when one has ended.")
{
    /// <summary>The limit.</summary>
    public int WaitsMax { get; } = waitsMax;
}
