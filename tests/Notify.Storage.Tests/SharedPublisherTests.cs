using Google.Protobuf;
using Notify.Core.Sessions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Testing;

namespace Notify.Storage.Tests;

/// <summary>The publisher's loop over a store: nothing that others put into the store ends it.</summary>
public sealed class SharedPublisherTests : IDisposable
{
    private const string Report = "test.Report";

    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60));

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task Publisher_OverAStoreThatKnowsItsRecordsAsSomethingElse_SaysSoAndTriesAgain()
    {
        await using var node = await FedNode.StartAsync(commits: 1);
        var layout = new KeyLayout([new KeyField(1, KeyFieldKind.Varint)]);
        await node.Store.DeclareAsync([new TypeDeclaration("notify.v1.ControllerRecord", TypeKind.Stored, layout), new TypeDeclaration(Report, TypeKind.Shared, layout)], _stop.Token);

        // What a node left that is gone: there is something to flush, and a record to put before.
        var left = new Envelope(new ObjectId(Report, ByteString.CopyFrom(8, 1)), ByteString.CopyFromUtf8("x")) { Stamp = new Stamp("node", 1, 1) };
        await node.Store.CommitAsync(new Transaction([StoreChange.Put(left)]), _stop.Token);
        var (log, options) = (new CollectedLog(), new SharedPublisherOptions { RetryDelay = TimeSpan.FromMilliseconds(1), TakeoverTime = TimeSpan.Zero });
        var hub = new Hub(node.Mirror, new HubOptions { SettleMs = 0 }, 0);
        var publisher = new SharedPublisher(node.Store, node.Mirror, hub, "process", options, TimeProvider.System, log.For<SharedPublisher>());
        var attempts = node.Store.Attempts;
        var running = publisher.RunAsync(_stop.Token);
        await log.HasAsync("Error 4013", _stop.Token);
        await Until.CountAsync("Attempts to declare the types of records", () => node.Store.Attempts, count => count >= attempts + 3);

        Assert.False(running.IsCompleted);
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
