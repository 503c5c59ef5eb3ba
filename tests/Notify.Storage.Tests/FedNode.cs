using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Testing;

namespace Notify.Storage.Tests;

/// <summary>A mirror that is fed from a store, without any code for what the store has.</summary>
internal sealed class FedNode : IAsyncDisposable
{
    public const string Thing = "test.Thing";

    private readonly CancellationTokenSource _stop = new();

    private FedNode(FaultyStore store, long horizon, ILogger<StoreFeed>? logger)
    {
        Store = store;
        Mirror = new Mirror(new TypeTable(), new MirrorOptions { Node = "test", DynamicSpace = new Space("test", "1") });
        var options = new StoreFeedOptions { Horizon = horizon, RetryDelay = TimeSpan.FromMilliseconds(1) };
        Feed = new StoreFeed(store, Mirror, options, TimeProvider.System, logger ?? NullLogger<StoreFeed>.Instance);
        Running = Feed.RunAsync(_stop.Token);
    }

    public FaultyStore Store { get; }

    public Mirror Mirror { get; }

    public StoreFeed Feed { get; }

    /// <summary>Ends when the feed fails.</summary>
    public Task Running { get; }

    /// <summary>Fills a store (a declaration, one commit per object, one per delete), then starts to feed.</summary>
    public static async Task<FedNode> StartAsync(int commits, int deleteLast = 0, long horizon = 0)
    {
        var store = new FaultyStore(new MemoryObjectStore(StoreIdentity.Create(new Random())));
        await store.DeclareAsync([Declaration(Thing)], CancellationToken.None);
        for (var i = 0; i < commits; i++)
        {
            await store.CommitAsync(new Transaction([Put(i, $"{i}")]), CancellationToken.None);
        }

        for (var i = commits - deleteLast; i < commits; i++)
        {
            await store.CommitAsync(new Transaction([StoreChange.Delete(Id(i))]), CancellationToken.None);
        }

        return await FollowAsync(store, horizon);
    }

    /// <summary>Feeds a mirror from a store, and waits until it has what the store has.</summary>
    public static async Task<FedNode> FollowAsync(IObjectStore store, long horizon = 0, ILogger<StoreFeed>? logger = null)
    {
        var node = new FedNode(store as FaultyStore ?? new FaultyStore(store), horizon, logger);
        await node.Feed.Loaded.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        return node;
    }

    public static TypeDeclaration Declaration(string name) =>
        new(name, TypeKind.Stored, new KeyLayout([new KeyField(1, KeyFieldKind.Varint)]));

    public static ObjectId Id(int number) => new(Thing, ByteString.CopyFrom(8, (byte)(number + 1)));

    public static StoreChange Put(int number, string value) =>
        StoreChange.Put(new Envelope(Id(number), ByteString.CopyFromUtf8(value)));

    public async Task CommitAsync(params StoreChange[] changes) =>
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(new Transaction([.. changes]), CancellationToken.None));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        Assert.True(Running.IsCanceled || Running.Exception!.InnerException is StoreReplacedException, $"the feed ended otherwise: {Running.Exception}");
        _stop.Dispose();
        await Store.DisposeAsync();
    }
}
