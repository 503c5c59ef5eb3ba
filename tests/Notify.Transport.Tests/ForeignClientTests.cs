using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

/// <summary>Clients that are not ours against our server.</summary>
public sealed class ForeignClientTests
{
    [Theory]
    [InlineData("unary", """{"error":null,"text":"from grpc-js","header":"some text","trailer":"some text","bytes":[0,1,255,0,1,255]}""")]
    [InlineData("failedHandler", """{"code":2,"details":"The handler of the method failed."}""")]
    [InlineData("unknownMethod", """{"code":12,"details":"There is no method /notify.test.Echo/NoSuchMethod here."}""")]
    [InlineData("compressed", """{"code":12}""")]
    [InlineData("serverStreaming", """{"inOrder":true,"count":500,"code":0}""")]
    [InlineData("bidi", """{"inOrder":true,"count":100,"code":0}""")]
    [InlineData("bidiError", """{"count":3,"code":9,"details":"not now","why":"asked-for"}""")]
    [InlineData("large", """{"unary":true,"bidi":4,"code":0}""")]
    [InlineData("tooLarge", """{"code":8}""")]
    public async Task GrpcJs_AgainstOurServer_GetsWhatItExpects(string call, string expected)
    {
        await using var server = await TestServer.StartAsync();

        var result = await ForeignProcess.RunNodeAsync("client.js", server.Address.Authority, call);

        Assert.Equal(expected, result.GetRawText());
    }

    [Fact]
    public async Task GrpcJs_AgainstOurServer_GetsEveryStatusWithItsText()
    {
        await using var server = await TestServer.StartAsync();

        var result = await ForeignProcess.RunNodeAsync("client.js", server.Address.Authority, "errors");

        for (var code = 1; code <= 16; code++)
        {
            Assert.Equal(code, result[code - 1][0].GetInt32());
            Assert.Equal($"größer {code} 100%\n\U0001F600", result[code - 1][1].GetString());
            Assert.Equal("asked-for", result[code - 1][2].GetString());
        }
    }

    [Theory]
    [InlineData("deadline", """{"code":4}""")]
    [InlineData("cancellation", """{"count":1,"code":1}""")]
    public async Task GrpcJs_ThatGivesUp_ReachesOurHandler(string call, string expected)
    {
        await using var server = await TestServer.StartAsync();

        var result = await ForeignProcess.RunNodeAsync("client.js", server.Address.Authority, call);

        Assert.Equal(expected, result.GetRawText());
        Assert.Equal(call == "deadline" ? "deadline" : "cancelled", await server.Echo.NextCancelledAsync());
    }

    [Fact]
    public async Task PythonGrpcio_AgainstOurServer_GetsWhatItExpects()
    {
        await using var server = await TestServer.StartAsync();
        var descriptor = EchoReflection.Descriptor.SerializedData.ToBase64();

        var result = await ForeignProcess.RunPythonAsync("client.py", server.Address.Authority, descriptor);

        Assert.Equal(
            """
            {"text":"from python","header":"some text","trailer":"some text","bytes":[0,1,255],"large":true,
            "error":[5,"größer 100%","asked-for"],"deadline":4,"unknownMethod":12,"compressed":12,"after":"after"}
            """.ReplaceLineEndings(""),
            result.GetRawText());
    }
}
