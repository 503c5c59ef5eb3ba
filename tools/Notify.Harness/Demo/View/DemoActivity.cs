using Notify.Core.Transport;
using Notify.Edge;
using Notify.Harness.Demo.Checks;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.View;

/// <summary>Makes something happen for who watches: counters tick, an instance moves now and then, a node dies and comes back.</summary>
internal sealed class DemoActivity(DemoWorld demo, DemoModel model)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private const int TicksPerMove = 8;
    private const int TicksPerDeath = 60;
    private const int TicksDead = 8;

    private readonly List<AppInst> _instances = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _instances.AddRange(SampleFiles.Read(demo.WorldFolder)
            .Where(sample => sample.Type == "AppInst")
            .Select(sample => (AppInst)EdgeObjects.Parse(sample))
            .Where(i => i.CloudletKey.Equals(DemoWorld.Home.Key) || i.CloudletKey.Equals(DemoWorld.Away.Key)));
        for (var tick = 1; ; tick++)
        {
            await Task.Delay(Tick, cancellationToken);
            await WriteAsync(tick, cancellationToken);
            var mortal = demo.Mortals[(tick - 1) / TicksPerDeath % demo.Mortals.Count];
            if (tick % TicksPerDeath == TicksPerDeath - TicksDead)
            {
                await mortal.KillAsync();
                var effect = mortal == demo.AwayCrm ? "what it published goes" : "its nodes go elsewhere";
                model.AddEvent($"{DateTime.Now:HH:mm:ss} kill -9 {mortal.Name}: {effect}");
            }
            else if (tick % TicksPerDeath == 0)
            {
                await mortal.RestartAsync(cancellationToken);
                model.AddEvent($"{DateTime.Now:HH:mm:ss} {mortal.Name} is started again");
            }
        }
    }

    private async Task WriteAsync(int tick, CancellationToken cancellationToken)
    {
        var index = tick % _instances.Count;
        var instance = _instances[index].Clone();
        instance.Generation++;
        if (tick % TicksPerMove == 0)
        {
            var target = instance.CloudletKey.Equals(DemoWorld.Home.Key) ? DemoWorld.Away : DemoWorld.Home;
            instance = Moves.MovedTo(instance, target);
            model.AddEvent($"{DateTime.Now:HH:mm:ss} {instance.Key.Name} moves to {target.Name}");
        }

        try
        {
            await demo.Client(demo.Controller).CommitAsync([NodeClient.Put(instance)], cancellationToken);
            _instances[index] = instance;
        }
        catch (GrpcException e) when (!cancellationToken.IsCancellationRequested)
        {
            // People who watch try things out; the show goes on.
            model.AddEvent($"{DateTime.Now:HH:mm:ss} a commit failed: {e.Code}");
        }
    }
}
