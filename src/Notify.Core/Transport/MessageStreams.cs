using System.Runtime.CompilerServices;

namespace Notify.Core.Transport;

/// <summary>Shorter ways to use the two halves of a call.</summary>
public static class MessageStreams
{
    /// <summary>Writes one message and flushes it.</summary>
    public static ValueTask WriteAsync<T>(this IMessageWriter<T> writer, T message, CancellationToken cancellationToken = default)
    {
        writer.Write(message);
        return writer.FlushAsync(cancellationToken);
    }

    /// <summary>All messages until the peer ends its half.</summary>
    /// <exception cref="GrpcException">As for <see cref="IMessageReader{T}.WaitToReadAsync"/>.</exception>
    public static async IAsyncEnumerable<T> ReadAllAsync<T>(
        this IMessageReader<T> reader, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (reader.TryRead(out var message))
                yield return message;
        }
    }

    /// <summary>The next message.</summary>
    /// <exception cref="GrpcException">As for <see cref="IMessageReader{T}.WaitToReadAsync"/>.</exception>
    /// <exception cref="EndOfStreamException">The peer ended its half.</exception>
    public static async ValueTask<T> ReadAsync<T>(this IMessageReader<T> reader, CancellationToken cancellationToken = default)
    {
        while (await reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (reader.TryRead(out var message))
                return message;
        }
        throw new EndOfStreamException("The peer sends no more messages.");
    }
}
