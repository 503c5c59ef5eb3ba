using Notify.Core.Protocol;

namespace Notify.Ctl.Commands;

/// <summary>Shows a watch.</summary>
internal interface IWatchView
{
    void Show(WatchedChange change);

    /// <summary>What came up to now is the state at this position.</summary>
    void EndView(MirrorPosition position, bool isInitial, int count);

    /// <summary>No more has come yet: what is known is to be visible now.</summary>
    Task FlushAsync();
}
