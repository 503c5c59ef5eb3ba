using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Client.Links;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Types;
using Notify.Server.Links;
using Space = Notify.Core.Journal.Space;

namespace Notify.Transport.Tests;

/// <summary>A node that is stopped while it goes elsewhere.</summary>
public sealed class HandoverStopTests
{
    private const string Opened = "Information 1001";

    [Fact]
    public async Task Dispose_CalledAgain_DoesNothing()
    {
        using var log = new LogCollector(LogLevel.Information);
        var link = LinkOf(MirrorOf("leaf", hasDownstream: false), [new Uri("http://127.0.0.1:1")], log);
        await link.DisposeAsync();

        Assert.Null(await Record.ExceptionAsync(async () => await link.DisposeAsync()));
    }

    [Fact]
    public async Task Stop_WhileTheNextUpstreamHasYetToAnswer_BlamesNoUpstream()
    {
        var mirror = MirrorOf("hub", hasDownstream: true);
        var router = new MessageRouter(mirror);
        var hub = new Hub(mirror, new HubOptions { SettleMs = 0, DrainMs = 60_000 }, 0);
        var settings = new SessionSettings { Process = "p", Role = "controller" };
        using var links = new LinkServer(mirror, hub, router, settings, TimeProvider.System, NullLogger<LinkServer>.Instance);
        await using var server = await TestServer.StartAsync(new TestServerOptions { Map = endpoints => endpoints.MapNotifyLink(links, settings.Limits) });

        // Whichever address the node takes first leads to the hub; at the other one nobody ever answers.
        var taken = 0;
        var silent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task Serve(NetworkStream stream, int number, CancellationToken stop)
        {
            if (Interlocked.Increment(ref taken) == 1)
            {
                await TestPeer.ForwardAsync(stream, server.Address, stop);
                return;
            }

            silent.TrySetResult();
            await stream.CopyToAsync(Stream.Null, stop);
        }

        await using var one = new TestPeer(Serve);
        await using var other = new TestPeer(Serve);
        using var log = new LogCollector(LogLevel.Information);
        using var patience = new CancellationTokenSource(Limits.Patience);
        Task draining;
        await using (var link = LinkOf(MirrorOf("leaf", hasDownstream: false), [one.Address, other.Address], log))
        {
            link.Start();
            await log.HasAsync(Opened, patience.Token);
            draining = links.DrainAsync(patience.Token);
            await silent.Task.WaitAsync(patience.Token);
        }

        Assert.Collection(
            log.Lines,
            line => Assert.StartsWith(Opened, line, StringComparison.Ordinal),
            line => Assert.StartsWith("Information 1005", line, StringComparison.Ordinal)); // Told that it drains, and nothing after that.
        await draining;
    }

    private static Mirror MirrorOf(string node, bool hasDownstream) =>
        new(new TypeTable(), new MirrorOptions { Node = node, DynamicSpace = new Space(node, "1"), HasDownstream = hasDownstream });

    private static UpstreamLink LinkOf(Mirror mirror, IReadOnlyList<Uri> addresses, LogCollector log)
    {
        var options = new UpstreamLinkOptions { Addresses = addresses, Settings = new SessionSettings { Process = "leaf", Role = "test" } };
        return new UpstreamLink(mirror, new MessageRouter(mirror), options, () => 0, TimeProvider.System, new Logger<UpstreamLink>(new LoggerFactory([log])));
    }
}
