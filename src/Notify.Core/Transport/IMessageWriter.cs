namespace Notify.Core.Transport;

/// <summary>
/// The sending half of a call. One writer at a time; reading at the same time is fine. Write several messages and flush once: a flush per
/// batch rather than per message is worth about twice the throughput.
/// </summary>
/// <typeparam name="T">The type of a message.</typeparam>
public interface IMessageWriter<T>
{
    /// <summary>Bytes written and not yet given to <see cref="FlushAsync"/>. Between 16 and 64 KiB is a good time to flush.</summary>
    long UnflushedBytes { get; }

    /// <summary>Encodes the message into the buffer of the call. Nothing is sent, and the message is free for reuse on return.</summary>
    /// <exception cref="GrpcException">
    /// <see cref="GrpcStatusCode.ResourceExhausted"/>: the message is above the limit for sending; nothing was written and the call goes on.
    /// </exception>
    void Write(T message);

    /// <summary>Sends what was written. Completes when the transport has room for more, so awaiting it is the backpressure.</summary>
    /// <param name="cancellationToken">Ends the waiting. What was sent is then unknown, so the call has to be given up.</param>
    /// <exception cref="GrpcException">
    /// The call has ended. Where the peer ended it, the status is the peer's if it is known by now, and reading tells it in any case.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> fired.</exception>
    ValueTask FlushAsync(CancellationToken cancellationToken = default);
}
