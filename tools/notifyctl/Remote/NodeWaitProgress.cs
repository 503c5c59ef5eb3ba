namespace Notify.Ctl.Remote;

/// <summary>How far nodes are with a revision, as all the controllers say that were asked.</summary>
/// <param name="Revision">The revision of the store.</param>
/// <param name="Pending">How many nodes have not applied it.</param>
/// <param name="PendingNodes">Some of their names.</param>
/// <param name="Vanished">Those of them that no controller is connected with.</param>
internal sealed record NodeWaitProgress(long Revision, long Pending, IReadOnlyList<string> PendingNodes, IReadOnlyList<string> Vanished);
