namespace Notify.Ctl.Tests;

/// <summary>A time whose one timer goes off when a test says so.</summary>
internal sealed class TickingTime : TimeProvider
{
    private Action? _tick;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _tick = () => callback(state);
        return new Timer();
    }

    public void Tick() => _tick!(); // There is a timer by then.

    private sealed class Timer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
