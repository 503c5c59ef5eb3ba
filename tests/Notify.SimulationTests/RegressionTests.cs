using Notify.Simulation;
using Notify.Simulation.Plans;

namespace Notify.SimulationTests;

public sealed class RegressionTests
{
    /// <summary>Seeds of worlds in which the engine once broke a guarantee.</summary>
    public static TheoryData<long> Seeds()
    {
        var data = new TheoryData<long>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "regressions.txt")))
        {
            if (long.TryParse(line.Split('#')[0].Trim(), out var seed))
            {
                data.Add(seed);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void World_OfAFixedBug_HoldsEveryGuarantee(long seed)
    {
        Violation? violation = null;

        // On a thread without a synchronization context, so that everything awaited goes on inline.
        var thread = new Thread(() =>
        {
            var world = new World(PlanGenerator.Generate(seed));
            world.Run();
            violation = world.Violation;
        });
        thread.Start();
        thread.Join();

        Assert.Null(violation);
    }
}
