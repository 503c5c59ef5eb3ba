using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Core.Types;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Remote;
using Notify.Ctl.Selecting;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary>Follows a watch and tells what it means for the objects that are selected.</summary>
internal sealed class WatchFeed(CommandContext context, Selection selection, IWatchView view)
{
    // A new version looks the same whether there was one before or not; the keys seen tell.
    private readonly HashSet<ObjectId> _seen = [];

    // Removals have no revision of their own; that of their view comes with its last response.
    private readonly List<(WatchedChangeKind Kind, ObjectName Name)> _removals = [];

    private bool _hasStarted;

    /// <summary>Goes on until it is cancelled or the node goes away.</summary>
    /// <exception cref="CtlException">The node went away.</exception>
    public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var call = context.Node.Stream(ObjectsMethods.Watch, new WatchRequest { Filter = selection.Filter }, endless: true, cancellationToken);
            await call.WaitToReadAsync(context.Node, cancellationToken); // The state at the beginning comes at once; changes may take for ever.
            while (await call.WaitToReadAsync(CancellationToken.None))
            {
                while (call.TryRead(out var response))
                    Read(response);
                await view.FlushAsync();
            }
        }
        catch (GrpcException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        catch (GrpcException e) when (_hasStarted && e.Code is GrpcStatusCode.Unavailable or GrpcStatusCode.Internal or GrpcStatusCode.Cancelled)
        {
            throw Gone(context.Node, e.Status.Detail);
        }
        throw Gone(context.Node, "it ended the watch");
    }

    private static CtlException Gone(NodeConnection node, string why) =>
        new(ExitCode.Unreachable, $"{node.Address} went away: {why.TrimEnd('.')}.", "Run the command again to go on.");

    private void Read(WatchResponse response)
    {
        _hasStarted = true;
        foreach (var change in response.Events)
        {
            switch (change.EventCase)
            {
                case WatchEvent.EventOneofCase.Put:
                    ReadPut(change.Put, response.Initial);
                    break;
                case WatchEvent.EventOneofCase.Removed:
                    _removals.Add((WatchedChangeKind.Removed, change.Removed));
                    break;
                case WatchEvent.EventOneofCase.Left:
                    _removals.Add((WatchedChangeKind.Left, change.Left));
                    break;
                default:
                    break; // An event of a newer node.
            }
        }
        if (response.Position is not { } position)
            return;
        ReadRemovals(position);
        if (!response.More)
            view.EndView(position, response.Initial, _seen.Count);
    }

    private void ReadPut(ObjectView put, bool isInitial)
    {
        var type = context.Types.OfUrl(put.Value.TypeUrl);
        ObjectId id = new(KnownType.NameOfUrl(put.Value.TypeUrl), put.Key);
        if (selection.Includes(type, put))
            view.Show(new WatchedChange(_seen.Add(id) ? WatchedChangeKind.Added : WatchedChangeKind.Changed, id, type, put.Revision, put, isInitial));
        else if (_seen.Remove(id)) // Its labels have changed.
            view.Show(new WatchedChange(WatchedChangeKind.Left, id, type, put.Revision, View: null, isInitial));
    }

    private void ReadRemovals(MirrorPosition position)
    {
        foreach (var (kind, name) in _removals)
        {
            ObjectId id = new(name.Type, name.Key);
            var type = context.Types.Find(name.Type);
            if (_seen.Remove(id))
                view.Show(new WatchedChange(kind, id, type, type is { IsDynamic: true } ? position.DynamicRevision : position.StoredRevision, View: null, IsInitial: false));
        }
        _removals.Clear();
    }
}
