using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Notify.Core.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

/// <summary>What the client makes of answers that our server would not give.</summary>
public sealed class ClientProtocolTests
{
    private static readonly byte[] Message = [0, 0, 0, 0, 3, 10, 1, (byte)'x'];

    [Theory]
    [InlineData(400, GrpcStatusCode.Internal)]
    [InlineData(401, GrpcStatusCode.Unauthenticated)]
    [InlineData(403, GrpcStatusCode.PermissionDenied)]
    [InlineData(404, GrpcStatusCode.Unimplemented)]
    [InlineData(429, GrpcStatusCode.Unavailable)]
    [InlineData(500, GrpcStatusCode.Unknown)]
    [InlineData(502, GrpcStatusCode.Unavailable)]
    [InlineData(503, GrpcStatusCode.Unavailable)]
    [InlineData(504, GrpcStatusCode.Unavailable)]
    public async Task HttpStatus_WithoutAGrpcStatus_IsMapped(int http, GrpcStatusCode expected)
    {
        var e = await CallAsync(context =>
        {
            context.Response.StatusCode = http;
            return Task.CompletedTask;
        });

        Assert.Equal(expected, e!.Code);
        Assert.Contains(http.ToString(CultureInfo.InvariantCulture), e.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HttpStatus_WithAGrpcStatus_CountsLess()
    {
        var e = await CallAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers["grpc-status"] = "7";
            return Task.CompletedTask;
        });

        Assert.Equal(GrpcStatusCode.PermissionDenied, e!.Code);
    }

    [Fact]
    public async Task ContentType_ThatIsNotGrpcs_IsUnknown()
    {
        var e = await CallAsync(context => context.Response.WriteAsync("<html>"));

        Assert.Equal(GrpcStatusCode.Unknown, e!.Code);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 0, 255, 0, 0, 0 }, GrpcStatusCode.ResourceExhausted)]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 255, 255 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { }, GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 0, 0, 0, 0, 0 }, null)]
    public async Task Body_ThatIsNotOneMessage_FailsTheCall(byte[] body, GrpcStatusCode? expected)
    {
        var e = await CallAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(body);
            await context.Response.Body.FlushAsync();
            context.Response.AppendTrailer("grpc-status", "0");
        });

        Assert.Equal(expected, e?.Code);
    }

    [Fact]
    public async Task Trailers_WithoutAStatus_AreUnknown()
    {
        var e = await CallAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(Message);
        });

        Assert.Equal(GrpcStatusCode.Unknown, e!.Code);
        Assert.Contains("without a grpc-status", e.Status.Detail, StringComparison.Ordinal);
    }

    private static async Task<GrpcException?> CallAsync(RequestDelegate answer)
    {
        await using var server = await TestServer.StartAsync(new()
        {
            MapUnimplemented = false,
            Map = endpoints => endpoints.MapPost(EchoMethods.Unknown.Path, answer),
        });
        using var channel = server.Connect();
        var e = await Record.ExceptionAsync(() => channel.UnaryAsync(EchoMethods.Unknown, new EchoRequest()).WaitAsync(Limits.Patience));
        return e is null ? null : Assert.IsType<GrpcException>(e);
    }
}
