using System.Globalization;

namespace Notify.Core.Transport;

/// <summary>Names and fixed values of the headers and trailers of gRPC over HTTP/2.</summary>
public static class GrpcHeaders
{
    /// <summary>The content type; a suffix such as <c>+proto</c> may follow.</summary>
    public const string ContentType = "application/grpc";

    /// <summary>How a call ended, in decimal.</summary>
    public const string Status = "grpc-status";

    /// <summary>The detail of the status, encoded by <see cref="GrpcMessageText"/>.</summary>
    public const string Message = "grpc-message";

    /// <summary>The deadline, in the form of <see cref="GrpcTimeout"/>.</summary>
    public const string Timeout = "grpc-timeout";

    /// <summary>The compression of a side's messages.</summary>
    public const string Encoding = "grpc-encoding";

    /// <summary>The compressions that a side can read.</summary>
    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>No compression.</summary>
    public const string Identity = "identity";

    /// <summary>Whether a content-type is one of gRPC's.</summary>
    public static bool IsGrpcContentType(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    /// <summary>Puts a status together from its two headers. A number that gRPC does not have is <see cref="GrpcStatusCode.Unknown"/>.</summary>
    public static GrpcStatus ParseStatus(string status, string? message)
    {
        var known = int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= (int)GrpcStatusCode.Unauthenticated;
        if (known && number == 0)
            return GrpcStatus.Ok; // Some peers say "OK" in words too.
        var detail = message is null ? "" : GrpcMessageText.Decode(message);
        return known
            ? new GrpcStatus((GrpcStatusCode)number, detail)
            : new GrpcStatus(GrpcStatusCode.Unknown, $"The peer sent grpc-status '{status}'. {detail}".TrimEnd());
    }
}
