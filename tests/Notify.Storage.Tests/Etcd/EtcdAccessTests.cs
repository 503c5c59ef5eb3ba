using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Notify.Client.Transport;
using Notify.Core.Storage;
using Notify.Testing.Etcd;
using Notify.Transport.Tests;

namespace Notify.Storage.Tests.Etcd;

/// <summary>How the store reaches a cluster: several members, users, TLS.</summary>
public sealed class EtcdAccessTests : EtcdTest
{
    [Fact]
    public async Task Endpoints_OfWhichTheFirstIsDead_AreTriedInTurn()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start(); // Takes connections and never says a word.
        var dead = new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}");
        await using var store = await OpenAsync(Options(dead, new Uri("http://127.0.0.1:1"), etcd.Address));
        await CommitAsync(store, FedNode.Put(1, "1"));

        var none = await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(Options(dead, new Uri("http://127.0.0.1:1"))));
        Assert.Contains(dead.Authority, none.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1: ", none.Message, StringComparison.Ordinal);
        Assert.False(none.IsRefused);
    }

    [Fact]
    public async Task Cluster_OfThree_GoesOnWithoutOneAndRefusesWithoutTwo()
    {
        var members = await EtcdProcess.StartClusterAsync(3);
        try
        {
            await using var node = await FollowAsync(await OpenAsync(Options([.. members.Select(member => member.Address)])));
            var first = await CommitAsync(node.Store, FedNode.Put(1, "1"));
            await node.Mirror.WaitForStoredRevisionAsync(first.Revision, Deadline);

            // The member in use; the others may have to elect a leader.
            await members[0].KillAsync();
            var second = await CommitWhenBackAsync(node.Store, FedNode.Put(2, "1"));
            await node.Mirror.WaitForStoredRevisionAsync(second.Revision, Deadline);

            // One that is alone serves nothing, though it would still answer whoever asks only it.
            members[1].Freeze();
            var failure = await Record.ExceptionAsync(() => CommitAsync(node.Store, FedNode.Put(3, "1")));
            Assert.True(failure is StoreUnavailableException or CommitOutcomeUnknownException, $"the commit ended with {failure}");
            await Log.HasAsync("Warning 4002", Deadline);
            Assert.Equal((2, second.Revision), (node.Mirror.Snapshot().Count(FedNode.Thing), node.Mirror.Snapshot().StoredRevision));

            members[1].Thaw();
            var third = await CommitWhenBackAsync(node.Store, FedNode.Put(4, "1"));
            await node.Mirror.WaitForStoredRevisionAsync(third.Revision, Deadline);
            Assert.NotNull(node.Mirror.Snapshot().Find(FedNode.Id(4)));
        }
        finally
        {
            foreach (var member in members)
            {
                await member.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Watch_OfAMemberThatLosesTheOthers_IsNoticed()
    {
        var members = await EtcdProcess.StartClusterAsync(3);
        try
        {
            await using var node = await FollowAsync(await OpenAsync(Options(members[0].Address)));
            var first = await CommitAsync(node.Store, FedNode.Put(1, "1"));
            await node.Mirror.WaitForStoredRevisionAsync(first.Revision, Deadline);

            members[1].Freeze();
            members[2].Freeze();
            await Log.HasAsync("Warning 4002", Deadline);
            Assert.Equal(first.Revision, node.Mirror.Snapshot().StoredRevision);

            members[1].Thaw();
            members[2].Thaw();
            var second = await CommitWhenBackAsync(node.Store, FedNode.Put(2, "1"));
            await node.Mirror.WaitForStoredRevisionAsync(second.Revision, Deadline);
        }
        finally
        {
            foreach (var member in members)
            {
                await member.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task User_WithThePrefixOnly_CanDoAllAndGoesOnWhenItsTokenIsForgotten()
    {
        await using var etcd = await EtcdProcess.StartAsync();
        string[][] setup =
        [
            ["user", "add", "root:root"], ["user", "grant-role", "root", "root"],
            ["role", "add", "notify"], ["role", "grant-permission", "--prefix=true", "notify", "readwrite", "/notify/"],
            ["user", "add", "notify:secret"], ["user", "grant-role", "notify", "notify"], ["auth", "enable"],
        ];
        foreach (var command in setup)
        {
            await etcd.CtlAsync(command);
        }

        var options = Options(etcd.Address);
        var nobody = await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(options));
        Assert.Contains("user name is empty", nobody.Message, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(options with { User = "notify", Password = "guess" }));
        Assert.Contains("authentication failed", wrong.Message, StringComparison.Ordinal);
        var elsewhere = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => OpenAsync(options with { User = "notify", Password = "secret", Prefix = "/other/" }));
        Assert.Contains("permission denied", elsewhere.Message, StringComparison.Ordinal);
        Assert.All([nobody, wrong, elsewhere], refusal => Assert.True(refusal.IsRefused));

        await using var node = await FollowAsync(await OpenAsync(options with { User = "notify", Password = "secret" }));
        var first = await CommitAsync(node.Store, FedNode.Put(1, "1"));
        await node.Mirror.WaitForStoredRevisionAsync(first.Revision, Deadline);

        // Tokens live in the memory of a member.
        await etcd.KillAsync();
        await etcd.StartAsync();
        var second = await CommitWhenBackAsync(node.Store, FedNode.Put(2, "1"));
        await node.Mirror.WaitForStoredRevisionAsync(second.Revision, Deadline);
        Assert.Equal(2, node.Mirror.Snapshot().Count(FedNode.Thing));
        await node.Store.CompactAsync(second.Revision, Deadline);
        Assert.Equal(new StoreRevisions(second.Revision, second.Revision), await node.Store.RevisionsAsync(Deadline));
    }

    [Fact]
    public async Task Tls_WithAnAuthorityAndACertificate_ConnectsAndWithoutThem_DoesNot()
    {
        var folder = Directory.CreateTempSubdirectory("notify-tls-");
        try
        {
            using var server = TestCertificates.Create();
            using var client = TestCertificates.Create("notify");
            var (serverFile, keyFile, clientFile) = (Path.Combine(folder.FullName, "server.crt"), Path.Combine(folder.FullName, "server.key"), Path.Combine(folder.FullName, "client.crt"));
            await File.WriteAllTextAsync(serverFile, server.ExportCertificatePem());
            await File.WriteAllTextAsync(keyFile, server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()); // It was made with one.
            await File.WriteAllTextAsync(clientFile, client.ExportCertificatePem() + "\n" + server.ExportCertificatePem());
            await using var etcd = await EtcdProcess.StartAsync(
                "--cert-file", serverFile, "--key-file", keyFile, "--trusted-ca-file", clientFile, "--client-cert-auth");
            var options = Options(etcd.Address);

            await using var store = await OpenAsync(options with { Tls = new GrpcTlsOptions { TrustedRoots = [server], ClientCertificate = client } });
            await CommitAsync(store, FedNode.Put(1, "1"));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(options with { Tls = new GrpcTlsOptions { TrustedRoots = [server] } }));
            var stranger = await Assert.ThrowsAsync<StoreUnavailableException>(
                () => OpenAsync(options with { Tls = new GrpcTlsOptions { ClientCertificate = client } }));
            Assert.True(stranger.IsRefused);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
