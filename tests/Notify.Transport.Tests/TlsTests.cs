using Notify.Client.Transport;
using Notify.Core.Transport;
using Notify.Transport.Tests.Echo;

namespace Notify.Transport.Tests;

public sealed class TlsTests
{
    [Fact]
    public async Task Tls_WithACertificateThatIsTrusted_CarriesUnaryAndDuplexCalls()
    {
        using var certificate = TestCertificates.Create();
        await using var server = await TestServer.StartAsync(new() { Certificate = certificate });
        using var channel = server.Connect(new GrpcChannelOptions { Tls = new GrpcTlsOptions { TrustedRoots = [certificate] } });

        Assert.Equal(Uri.UriSchemeHttps, server.Address.Scheme);
        Assert.Equal("secret", (await channel.UnaryAsync(EchoMethods.Say, new EchoRequest { Text = "secret" })).Text);
        await using var call = channel.Duplex(EchoMethods.Chat);
        await call.WriteAsync(new EchoRequest { Text = "more" });
        Assert.Equal("more", (await call.ReadAsync()).Text);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Tls_WithACertificateThatIsNotTrusted_IsUnavailable()
    {
        using var certificate = TestCertificates.Create();
        using var other = TestCertificates.Create();
        await using var server = await TestServer.StartAsync(new() { Certificate = certificate });
        using var channel = server.Connect(new GrpcChannelOptions { Tls = new GrpcTlsOptions { TrustedRoots = [other] } });

        var e = await Assert.ThrowsAsync<GrpcException>(() => channel.UnaryAsync(EchoMethods.Say, new EchoRequest()));

        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
        Assert.Contains("certificate", e.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_WithACertificateOfAnotherName_IsRefusedUnlessTheNameIsExpected()
    {
        using var certificate = TestCertificates.Create("elsewhere.test");
        await using var server = await TestServer.StartAsync(new() { Certificate = certificate });
        var tls = new GrpcTlsOptions { TrustedRoots = [certificate] };
        using var strict = server.Connect(new GrpcChannelOptions { Tls = tls });
        using var told = server.Connect(new GrpcChannelOptions { Tls = tls with { ServerName = "elsewhere.test" } });

        var e = await Assert.ThrowsAsync<GrpcException>(() => strict.UnaryAsync(EchoMethods.Say, new EchoRequest()));

        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
        Assert.Equal("ok", (await told.UnaryAsync(EchoMethods.Say, new EchoRequest { Text = "ok" })).Text);
    }

    [Fact]
    public async Task Tls_WhenTheServerWantsAClientCertificate_TakesTheRightOneOnly()
    {
        using var certificate = TestCertificates.Create();
        using var mine = TestCertificates.Create("node");
        await using var server = await TestServer.StartAsync(
            new() { Certificate = certificate, RequireClientCertificate = true, ClientThumbprint = mine.Thumbprint });
        var tls = new GrpcTlsOptions { TrustedRoots = [certificate] };
        using var known = server.Connect(new GrpcChannelOptions { Tls = tls with { ClientCertificate = mine } });
        using var unknown = server.Connect(new GrpcChannelOptions { Tls = tls });

        Assert.Equal("ok", (await known.UnaryAsync(EchoMethods.Say, new EchoRequest { Text = "ok" })).Text);
        var e = await Assert.ThrowsAsync<GrpcException>(() => unknown.UnaryAsync(EchoMethods.Say, new EchoRequest()));
        Assert.Equal(GrpcStatusCode.Unavailable, e.Code);
    }
}
