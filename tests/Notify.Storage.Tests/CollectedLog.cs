using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Notify.Storage.Tests;

/// <summary>What was logged at warning or above, as "Level Number Text"; tests can await a line.</summary>
internal sealed class CollectedLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public ILogger<T> For<T>() => new Logger<T>(this);

    /// <summary>Waits until some line begins so. For one waiter at a time.</summary>
    public async Task HasAsync(string beginning, CancellationToken cancellationToken)
    {
        while (!Lines.Any(line => line.StartsWith(beginning, StringComparison.Ordinal)))
        {
            await _news.Reader.ReadAsync(cancellationToken);
        }
    }

    private void Add(string line)
    {
        lock (_gate)
        {
            _lines.Add(line);
        }

        _news.Writer.TryWrite(true);
    }

    private sealed class Logger<T>(CollectedLog log) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Add($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception?.Message}");
            }
        }
    }
}
