namespace Notify.Core.Transport;

/// <summary>The status codes of gRPC, with the numbers they have on the wire (<c>grpc-status</c>).</summary>
public enum GrpcStatusCode
{
    /// <summary>The call succeeded.</summary>
    Ok = 0,

    /// <summary>The caller cancelled the call.</summary>
    Cancelled = 1,

    /// <summary>The server failed in a way that it does not describe, or sent no status.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the system.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed before the call ended.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What was to be created exists.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit was reached: a message size, a quota, a queue.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in a state in which this can be done.</summary>
    FailedPrecondition = 9,

    /// <summary>A condition or a concurrent change ended the operation; the caller may try again from its start.</summary>
    Aborted = 10,

    /// <summary>The request reaches past what there is, for instance before a compaction.</summary>
    OutOfRange = 11,

    /// <summary>The server does not know the method, or not this way of calling it.</summary>
    Unimplemented = 12,

    /// <summary>The protocol or an invariant was broken.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached or is going away; trying again may help.</summary>
    Unavailable = 14,

    /// <summary>Data are lost or corrupt.</summary>
    DataLoss = 15,

    /// <summary>The caller did not prove who it is.</summary>
    Unauthenticated = 16,
}
