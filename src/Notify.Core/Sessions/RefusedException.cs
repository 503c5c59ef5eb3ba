using Notify.Core.Transport;

namespace Notify.Core.Sessions;

/// <summary>What a peer sent cannot be taken, for a reason that has a status of its own. Ends the session with it.</summary>
internal sealed class RefusedException(GrpcStatusCode code, string message) : NotifyException(message)
{
    public GrpcStatusCode Code { get; } = code;
}
