namespace Notify.Core.Transport;

/// <summary>How a call ended.</summary>
/// <param name="Code">The status code.</param>
/// <param name="Detail">Text for people; empty for a success.</param>
public readonly record struct GrpcStatus(GrpcStatusCode Code, string Detail)
{
    /// <summary>Success.</summary>
    public static GrpcStatus Ok { get; } = new(GrpcStatusCode.Ok, "");

    /// <inheritdoc/>
    public override string ToString() => string.IsNullOrEmpty(Detail) ? Code.ToString() : $"{Code}: {Detail}";
}
