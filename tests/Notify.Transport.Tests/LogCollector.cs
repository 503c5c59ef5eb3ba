using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Notify.Transport.Tests;

/// <summary>Keeps what was logged, for tests that look at it or await a line.</summary>
/// <param name="least">The lowest level that is kept.</param>
internal sealed class LogCollector(LogLevel least = LogLevel.Warning) : ILoggerProvider, ILogger
{
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    /// <summary>Waits until some line begins so. For one waiter at a time.</summary>
    public async Task HasAsync(string beginning, CancellationToken cancellationToken)
    {
        while (!Lines.Any(line => line.StartsWith(beginning, StringComparison.Ordinal)))
            await _news.Reader.ReadAsync(cancellationToken);
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        Lines.Enqueue($"{logLevel} {eventId.Id} {formatter(state, exception)} {exception}");
        _news.Writer.TryWrite(true);
    }

    public void Dispose()
    {
    }
}
