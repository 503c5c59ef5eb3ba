using Notify.Core.Transport;

namespace Notify.Core.Sessions;

/// <summary>Why a session ended. <see cref="GrpcStatusCode.Ok"/>: one side said goodbye.</summary>
/// <param name="Code">The status of the call.</param>
/// <param name="Reason">For people: what happened and what to do.</param>
public sealed record SessionEnd(GrpcStatusCode Code, string Reason);
