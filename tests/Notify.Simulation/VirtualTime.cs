namespace Notify.Simulation;

/// <summary>The world's clock for code that awaits: timers fire in the world's one thread, in its order.</summary>
internal sealed class VirtualTime(World world) : TimeProvider
{
    private static readonly DateTimeOffset s_epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => world.NowMs;

    public override DateTimeOffset GetUtcNow() => s_epoch.AddMilliseconds(world.NowMs);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(world, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(World world, TimerCallback callback, object? state) : ITimer
    {
        private int _version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var version = ++_version;
            if (dueTime >= TimeSpan.Zero)
            {
                world.Schedule((long)Math.Ceiling(dueTime.TotalMilliseconds), () =>
                {
                    if (version == _version)
                    {
                        callback(state);
                    }
                });
            }

            return true;
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
