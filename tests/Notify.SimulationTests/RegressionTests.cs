using Notify.Simulation.Running;

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
    public void World_OfAFixedBug_HoldsEveryGuarantee(long seed) =>
        Assert.Null(Assert.Single(new SeedRun(seed, 1).Run().Results).Violation);
}
