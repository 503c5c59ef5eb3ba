using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Controller;

/// <summary>Keeps the mirror equal to the store. The host goes on starting once it is, so that nobody is served from a mirror still being filled.</summary>
internal sealed class StoreService(
    ControllerTypes types, Mirror mirror, IObjectStore store, StoreFeed feed, MessageRouter router, ReceivedMetrics metrics) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        mirror.Types.Register(types.All);
        metrics.Register(router);
        await base.StartAsync(cancellationToken);
        await await Task.WhenAny(feed.Loaded, ExecuteTask!).WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var declarations = types.All.Select(type => type.Declaration).Where(declaration => declaration.Kind != TypeKind.Dynamic);
        try
        {
            await DeclareAsync([.. declarations], stoppingToken);
            await feed.RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A host that could not start disposes of its services without stopping them first, and takes this for a failure.
        }
    }

    private async Task DeclareAsync(ImmutableArray<TypeDeclaration> declarations, CancellationToken cancellationToken)
    {
        try
        {
            await store.DeclareAsync(declarations, cancellationToken);
        }
        catch (TypeConflictException e)
        {
            throw new StoredTypeException(e);
        }
    }
}
