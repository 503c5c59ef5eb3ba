using System.Diagnostics.CodeAnalysis;

namespace Notify.Core.Transport;

/// <summary>
/// The receiving half of a call. One reader at a time; writing at the same time is fine. Loop over <see cref="WaitToReadAsync"/> and, inside,
/// over <see cref="TryRead"/>: messages that came together are then handled together.
/// </summary>
/// <typeparam name="T">The type of a message.</typeparam>
public interface IMessageReader<T>
{
    /// <summary>Takes the next message if it has arrived in full.</summary>
    /// <exception cref="GrpcException">The message breaks the protocol or a limit. The call cannot be read further.</exception>
    bool TryRead([MaybeNullWhen(false)] out T message);

    /// <summary>
    /// Waits until <see cref="TryRead"/> has something to give. False after the last message: the peer has ended its half, at a client with
    /// the status <see cref="GrpcStatusCode.Ok"/>.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, not the call.</param>
    /// <exception cref="GrpcException">The call failed, was cancelled or ran out of time.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> fired.</exception>
    ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default);
}
