using System.Buffers;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Notify.Client.Transport;
using Notify.Core.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

/// <summary>What the server answers to requests that our client would not send.</summary>
public sealed class ServerProtocolTests
{
    private static readonly byte[] EmptyMessage = [0, 0, 0, 0, 0];

    [Theory]
    [InlineData("application/json", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpcx", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/grpc", HttpStatusCode.OK)]
    [InlineData("application/grpc+proto", HttpStatusCode.OK)]
    public async Task ContentType_DecidesWhetherItIsGrpc(string? contentType, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await PostAsync(server, EmptyMessage, contentType: contentType);

        Assert.Equal(expected, answer.Http);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 9, 0, 0, 0, 0 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 255, 0, 0, 0 }, GrpcStatusCode.ResourceExhausted)]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 255, 255 }, GrpcStatusCode.Internal)]
    [InlineData(new byte[] { }, GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, GrpcStatusCode.Unimplemented)]
    [InlineData(new byte[] { 0, 0, 0, 0, 0 }, GrpcStatusCode.Ok)]
    public async Task Body_ThatIsNotOneMessage_IsRefusedWithAStatusInTheHeaders(byte[] body, GrpcStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await PostAsync(server, body);

        Assert.Equal(expected, answer.Status);
        Assert.Equal(expected != GrpcStatusCode.Ok, answer.InHeaders);
    }

    [Theory]
    [InlineData("gzip", GrpcStatusCode.Unimplemented)]
    [InlineData("identity", GrpcStatusCode.Ok)]
    public async Task Encoding_ThatIsNotSupported_IsRefusedWithTheSupportedOnes(string encoding, GrpcStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await PostAsync(server, EmptyMessage, ("grpc-encoding", encoding));

        Assert.Equal(expected, answer.Status);
        if (expected != GrpcStatusCode.Ok)
            Assert.Equal("identity", answer.AcceptEncoding);
    }

    [Theory]
    [InlineData("later", GrpcStatusCode.Internal)]
    [InlineData("0m", GrpcStatusCode.DeadlineExceeded)]
    [InlineData("99999999H", GrpcStatusCode.Ok)]
    public async Task Timeout_AsTheHeaderSays_IsKept(string timeout, GrpcStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await PostAsync(server, EmptyMessage, ("grpc-timeout", timeout));

        Assert.Equal(expected, answer.Status);
    }

    [Fact]
    public async Task Timeout_WhenTheClientDoesNotWatchIt_IsEndedByTheServer()
    {
        await using var server = await TestServer.StartAsync();
        var hanging = new ArrayBufferWriter<byte>();
        MessageFrame.Write(hanging, new EchoRequest { Hang = true }, EchoMethods.Say.RequestCodec, 1000);

        var answer = await PostAsync(server, hanging.WrittenSpan.ToArray(), ("grpc-timeout", "200m")).WaitAsync(Limits.Patience);

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, answer.Status);
    }

    [Fact]
    public async Task Request_OverHttp1_IsToldToUpgrade()
    {
        await using var server = await TestServer.StartAsync(new() { Protocols = HttpProtocols.Http1 });

        var answer = await PostAsync(server, EmptyMessage, version: HttpVersion.Version11);

        Assert.Equal(HttpStatusCode.UpgradeRequired, answer.Http);
    }

    [Fact]
    public async Task Body_OfALargeRequestThatIsRefused_StillLeavesTheStatusToTheClient()
    {
        await using var server = await TestServer.StartAsync();
        using var channel = server.Connect(new GrpcChannelOptions { SendBytesMax = 100_000_000 });

        // Larger than every window, so the client is still sending when the answer comes.
        var e = await Assert.ThrowsAsync<GrpcException>(
            () => channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Payload = UnaryTests.RandomBytes(20_000_000) }).WaitAsync(Limits.Patience));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.Code);
    }

    [Fact]
    public void ConfigureForGrpc_LiftsTheDataRatesThatWouldCutStalledStreams()
    {
        var options = new KestrelServerOptions();

        Server.Transport.KestrelGrpc.ConfigureForGrpc(options, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4));

        Assert.Null(options.Limits.MinRequestBodyDataRate);
        Assert.Null(options.Limits.MinResponseDataRate);
        Assert.Equal(TimeSpan.FromSeconds(3), options.Limits.Http2.KeepAlivePingDelay);
        Assert.Equal(TimeSpan.FromSeconds(4), options.Limits.Http2.KeepAlivePingTimeout);
    }

    private static Task<Answer> PostAsync(TestServer server, byte[] body, params (string Name, string Value)[] headers) =>
        PostAsync(server, body, GrpcHeaders.ContentType, HttpVersion.Version20, headers);

    private static async Task<Answer> PostAsync(
        TestServer server, byte[] body, string? contentType = GrpcHeaders.ContentType, Version? version = null, (string Name, string Value)[]? headers = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, EchoMethods.Say.Path))
        {
            Version = version ?? HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("content-type", contentType);
        foreach (var (name, value) in headers ?? [])
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        var inHeaders = response.Headers.TryGetValues("grpc-status", out var status);
        if (!inHeaders)
            response.TrailingHeaders.TryGetValues("grpc-status", out status);
        response.Headers.TryGetValues("grpc-accept-encoding", out var acceptEncoding);
        return new Answer(
            response.StatusCode, status is null ? null : GrpcHeaders.ParseStatus(status.Single(), null).Code, inHeaders, acceptEncoding?.Single());
    }

    private sealed record Answer(HttpStatusCode Http, GrpcStatusCode? Status, bool InHeaders, string? AcceptEncoding);
}
