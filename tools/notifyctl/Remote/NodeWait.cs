using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Transport;
using Notify.Ctl.Types;

namespace Notify.Ctl.Remote;

/// <summary>
/// Waits at one or several controllers until nodes have applied a revision. Each knows its own nodes; one that has vanished from a controller, and
/// is connected at another, counts as what that one says.
/// </summary>
internal sealed class NodeWait(IReadOnlyList<NodeConnection> connections, long revision, NodeSelector nodes, KnownTypes types)
{
    private const int NamesMax = 20;

    // The node ends the wait; this is for one that answers nothing any more.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookElsewhereEvery = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<NodeConnection, WaitResponse> _latest = [];
    private readonly HashSet<string> _appliedElsewhere = new(StringComparer.Ordinal);
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private TimeSpan Timeout => connections[0].Timeout;

    /// <summary>Ends when no node is pending, or at the timeout, with what is known then.</summary>
    /// <param name="show">Is shown each state on the way.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CtlException">There are no such nodes, or a controller cannot be asked.</exception>
    public async Task<NodeWaitProgress> RunAsync(Action<NodeWaitProgress> show, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var selectors = connections.Count == 1 ? [nodes.ToString()] : await SelectorsAsync(cancellationToken);
        var asking = Task.WhenAll(connections.Zip(selectors, (connection, selector) => AskAsync(connection, selector, ending.Token)));
        try
        {
            while (true)
            {
                var isLast = asking.IsCompleted;
                if (asking.IsFaulted)
                    await asking;
                await LookElsewhereAsync(ending.Token);
                if (_latest.Count == connections.Count)
                {
                    var progress = Merge();
                    if (progress.Pending > 0)
                        show(progress);
                    if (isLast || progress.Pending == 0)
                        return progress;
                }
                await Task.WhenAny(asking, _news.Reader.ReadAsync(ending.Token).AsTask(), connections.Count > 1 ? Task.Delay(LookElsewhereEvery, ending.Token) : asking);
                ending.Token.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await ending.CancelAsync();
            await asking.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>What to ask each of several controllers for: names that only others know would be refused.</summary>
    private async Task<string[]> SelectorsAsync(CancellationToken cancellationToken)
    {
        var known = await Task.WhenAll(connections.Select(connection => ListAsync(connection, nodes.ToString(), cancellationToken)));
        var names = known.SelectMany(views => views).Select(view => view.Name).ToHashSet(StringComparer.Ordinal);
        if (nodes.Names.Where(name => !names.Contains(name)).ToArray() is { Length: > 0 } unknown)
            throw new CtlException(ExitCode.NotFound, $"none of the controllers knows a node {string.Join(", nor a node ", unknown)}.");
        if (names.Count == 0)
            throw new CtlException(ExitCode.NotFound, $"none of the controllers knows a node that '{nodes}' selects.");
        return [.. known.Select(views => string.Join(',', nodes.ToString().Split(',').Except(nodes.Names.Except(views.Select(view => view.Name)))))];
    }

    private async Task AskAsync(NodeConnection connection, string selector, CancellationToken cancellationToken)
    {
        if (selector.Length == 0)
        {
            Note(connection, new WaitResponse { Revision = revision }); // It knows none of them.
            return;
        }
        try
        {
            WaitRequest request = new() { Revision = revision, Nodes = selector, Timeout = Duration.FromTimeSpan(Timeout) };
            await using var call = connection.Stream(NodesMethods.Wait, request, Timeout + Patience, cancellationToken);
            while (await call.WaitToReadAsync(cancellationToken))
            {
                while (call.TryRead(out var response))
                    Note(connection, response);
            }
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.DeadlineExceeded && _latest.ContainsKey(connection))
        {
            // Who is pending it has said before.
        }
        catch (GrpcException e) when (e.Code == GrpcStatusCode.NotFound && connections.Count > 1)
        {
            Note(connection, new WaitResponse { Revision = revision });
        }
        catch (GrpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw CallFailure.Explain(e, connection, types);
        }
    }

    private void Note(NodeConnection connection, WaitResponse response)
    {
        _latest[connection] = response;
        _news.Writer.TryWrite(true);
    }

    /// <summary>
    /// Nodes that have vanished from one controller and are at another: that one is asked anew, so that it has to say that the node has applied the
    /// revision, and not only that it is there.
    /// </summary>
    private async Task LookElsewhereAsync(CancellationToken cancellationToken)
    {
        if (connections.Count == 1)
            return;
        foreach (var connection in connections)
        {
            var elsewhere = _latest.Where(other => other.Key != connection).SelectMany(other => other.Value.VanishedNodes).Except(_appliedElsewhere).ToArray();
            if (elsewhere.Length == 0)
                continue;
            var here = (await ListAsync(connection, SelectorOf(elsewhere), cancellationToken)).Where(view => view.Connected).Select(view => view.Name).Intersect(elsewhere).ToArray();
            if (here.Length == 0)
                continue;
            if (await AskBrieflyAsync(connection, SelectorOf(here), cancellationToken) is { } last && last.Pending == last.PendingNodes.Count)
                _appliedElsewhere.UnionWith(here.Except(last.PendingNodes));
        }
    }

    /// <summary>What a controller says of nodes that it was just connected with, or null where they are gone again.</summary>
    private async Task<WaitResponse?> AskBrieflyAsync(NodeConnection connection, string selector, CancellationToken cancellationToken)
    {
        WaitResponse? last = null;
        try
        {
            WaitRequest request = new() { Revision = revision, Nodes = selector, Timeout = Duration.FromTimeSpan(LookElsewhereEvery) };
            await using var call = connection.Stream(NodesMethods.Wait, request, Timeout + Patience, cancellationToken);
            while (await call.WaitToReadAsync(cancellationToken))
            {
                while (call.TryRead(out var response))
                    last = response;
            }
            return last;
        }
        catch (GrpcException e) when (e.Code is GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.NotFound)
        {
            return last;
        }
        catch (GrpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw CallFailure.Explain(e, connection, types);
        }
    }

    private async Task<List<NodeView>> ListAsync(NodeConnection connection, string selector, CancellationToken cancellationToken)
    {
        List<NodeView> views = [];
        try
        {
            await using var call = connection.Stream(NodesMethods.List, new ListNodesRequest { Nodes = selector }, endless: false, cancellationToken);
            while (await call.WaitToReadAsync(cancellationToken))
            {
                while (call.TryRead(out var response))
                    views.AddRange(response.Nodes);
            }
            return views;
        }
        catch (GrpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw CallFailure.Explain(e, connection, types);
        }
    }

    /// <summary>As many names as a selector takes; the others' turn comes when these are done.</summary>
    private static string SelectorOf(IEnumerable<string> names)
    {
        var (text, length) = (new List<string>(), 0);
        foreach (var name in names.Select(Escape).TakeWhile(name => (length += name.Length + 1) <= 4000))
            text.Add(name);
        return string.Join(',', text);
    }

    /// <summary>A name with characters that mean something in a selector, or may later, is asked for by a pattern.</summary>
    private static string Escape(string name) =>
        new([.. name.Select(letter => letter is ',' or '=' || NodeSelector.Reserved.Contains(letter) ? '*' : letter)]);

    private NodeWaitProgress Merge()
    {
        var vanished = _latest.Values.SelectMany(response => response.VanishedNodes).Distinct().Except(_appliedElsewhere).Order(StringComparer.Ordinal).ToArray();

        // More than 1000 vanished nodes have no names here; those are not looked for elsewhere.
        var pending = vanished.Length + _latest.Values.Sum(response => (long)response.Pending - response.VanishedNodes.Count);
        var names = vanished.Concat(_latest.Values.SelectMany(response => response.PendingNodes.Except(response.VanishedNodes))).Distinct().Take(NamesMax);
        return new NodeWaitProgress(_latest.Values.Max(response => response.Revision), pending, [.. names], vanished);
    }
}
