namespace Notify.Ctl.Commands;

internal enum WatchedChangeKind
{
    Added = 0,
    Changed = 1,

    /// <summary>The node's mirror has it no more.</summary>
    Removed = 2,

    /// <summary>It is still there, and no longer what was asked for.</summary>
    Left = 3,
}
