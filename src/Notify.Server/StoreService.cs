using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Notify.Core.Storage;
using Notify.Core.Types;

namespace Notify.Server;

/// <summary>
/// Declares the registered types to the store and keeps the mirror equal to it. The host goes on starting once it is, so that nobody is served from
/// a mirror still being filled.
/// </summary>
internal sealed class StoreService(IEnumerable<ObjectType> types, IObjectStore store, StoreFeed feed) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken).ConfigureAwait(false);

        // Either the feed is there, or it has failed and the host must not start.
        var first = await Task.WhenAny(feed.Loaded, ExecuteTask!).WaitAsync(cancellationToken).ConfigureAwait(false);
        await first.ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var declarations = types.Select(type => type.Declaration).Where(declaration => declaration.Kind != TypeKind.Dynamic);
        try
        {
            await DeclareAsync([.. declarations], stoppingToken).ConfigureAwait(false);
            await feed.RunAsync(stoppingToken).ConfigureAwait(false);
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
            await store.DeclareAsync(declarations, cancellationToken).ConfigureAwait(false);
        }
        catch (TypeConflictException e)
        {
            throw new StoredTypeException(e);
        }
    }
}
