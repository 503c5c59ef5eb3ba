using System.Diagnostics;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>Writes instances one after the other while controllers come and go, at whichever takes it.</summary>
internal sealed class LoadWriter : IAsyncDisposable
{
    private const int Count = 20;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly TreeDeployment _demo;
    private readonly IReadOnlyList<AppInst> _instances;
    private readonly CancellationTokenSource _stop;
    private readonly Task _writing;
    private volatile int _acknowledged;

    public LoadWriter(TreeDeployment demo, CancellationToken cancellationToken)
    {
        (_demo, _instances) = (demo, Instances(demo));
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _writing = Task.Run(WriteAsync, cancellationToken);
    }

    /// <summary>How many writes were acknowledged.</summary>
    public int Acknowledged => _acknowledged;

    /// <summary>The longest time between two acknowledgements.</summary>
    public TimeSpan Gap { get; private set; }

    /// <summary>Instances that are in no resource manager's scope, and that no other check deletes.</summary>
    public static IReadOnlyList<AppInst> Instances(TreeDeployment demo) =>
    [
        .. SampleFiles.Read(demo.WorldFolder)
            .Where(sample => sample.Type == "AppInst")
            .Select(sample => (AppInst)EdgeObjects.Parse(sample))
            .Where(i => !i.CloudletKey.Equals(DemoWorld.Home.Key) && !i.CloudletKey.Equals(DemoWorld.Away.Key))
            .Skip(100)
            .Take(Count),
    ];

    /// <summary>Ends, and puts a last state, so that the outcome of no write is in doubt.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _writing;
        foreach (var instance in _instances)
            instance.Uri = $"last-after-{_acknowledged}";
        await _demo.Client(_demo.Controller).CommitAsync(_instances.Select(NodeClient.Put), cancellationToken);
        foreach (var instance in _instances)
            _demo.Oracle.Put(EdgeObjects.Sample(instance));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _writing;
        _stop.Dispose();
    }

    private async Task WriteAsync()
    {
        var last = Stopwatch.GetTimestamp();
        NodeProcess[] controllers = [.. _demo.Controllers];
        for (var tried = 0; !_stop.IsCancellationRequested; tried++)
        {
            try
            {
                var instance = _instances[_acknowledged % Count];
                instance.Uri = $"load-{tried}";
                await _demo.Client(controllers[tried % controllers.Length]).CommitAsync([NodeClient.Put(instance)], _stop.Token, Patience);
                _acknowledged++;
                Gap = Stopwatch.GetElapsedTime(last) is var gap && gap > Gap ? gap : Gap;
                last = Stopwatch.GetTimestamp();
                await Task.Delay(Pace, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (GrpcException e) when (e.Code is not (GrpcStatusCode.InvalidArgument or GrpcStatusCode.Unimplemented))
            {
                // That controller is on its way down or not up yet.
            }
        }
    }
}
