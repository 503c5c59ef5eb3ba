namespace Notify.Ctl;

/// <summary>What the process ends with.</summary>
internal enum ExitCode
{
    Ok = 0,

    /// <summary>The node refused, or something else went wrong.</summary>
    Failed = 1,

    /// <summary>The command line or an input file is wrong. Nothing was sent.</summary>
    Usage = 2,

    NotFound = 3,

    /// <summary>An object is not at the revision that was expected. Nothing of that commit was changed.</summary>
    ConditionFailed = 4,

    /// <summary>The node, or the store behind it, gave no answer.</summary>
    Unreachable = 5,

    Denied = 6,
}
