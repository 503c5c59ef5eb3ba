using Notify.Client.Transport;
using Notify.Core.Protocol;
using Notify.Core.Storage;
using Notify.Core.Transport;
using Notify.Server.Admin;

namespace Notify.Server.Tests.Admin;

public sealed class BackUpTests
{
    private static readonly CancellationToken Patience = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Fact]
    public async Task BackUp_WhileAnotherIsUnderWay_IsRefusedUntilThatHasEnded()
    {
        using var store = new HeldStore();
        await using var host = await GrpcHost.StartAsync(endpoints => endpoints.MapNotifyAdmin(store));
        using var channel = new GrpcChannel(new Uri(host.Urls.Single()));
        await using var first = channel.ServerStreaming(AdminMethods.BackUp, new BackUpRequest());
        Assert.True(await first.WaitToReadAsync(Patience));

        await using var second = channel.ServerStreaming(AdminMethods.BackUp, new BackUpRequest());
        var refused = await Assert.ThrowsAsync<GrpcException>(async () => await second.ReadAllAsync(Patience).ToListAsync(Patience));
        store.Release();
        var rest = await first.ReadAllAsync(Patience).ToListAsync(Patience);
        await using var third = channel.ServerStreaming(AdminMethods.BackUp, new BackUpRequest());

        Assert.Equal(GrpcStatusCode.ResourceExhausted, refused.Code);
        Assert.True(rest[^1].Done);
        Assert.True((await third.ReadAllAsync(Patience).ToListAsync(Patience))[^1].Done);
    }

    /// <summary>A store whose backup stops in the middle until it is released.</summary>
    private sealed class HeldStore : IBackUpSource, IDisposable
    {
        private readonly ManualResetEventSlim _released = new();

        public void Release() => _released.Set();

        public StoreBackUp BackUp() => new(1, 2, Pieces());

        public void Dispose() => _released.Dispose();

        private IEnumerable<(ReadOnlyMemory<byte> Bytes, long Objects)> Pieces()
        {
            yield return (new byte[100], 1);
            _released.Wait(Patience);
            yield return (new byte[100], 2);
        }
    }
}
