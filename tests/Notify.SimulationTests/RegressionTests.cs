using System.Globalization;
using Notify.Simulation.Running;

namespace Notify.SimulationTests;

public sealed class RegressionTests
{
    /// <summary>Seeds of worlds in which the engine once broke a guarantee.</summary>
    public static TheoryData<long, int> Seeds()
    {
        var data = new TheoryData<long, int>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "regressions.txt")))
        {
            if (line.Split('#')[0].Trim() is { Length: > 0 } world)
            {
                var numbers = world.Split(' ');
                data.Add(long.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture));
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void World_OfAFixedBug_HoldsEveryGuarantee(long seed, int era) =>
        Assert.Null(Assert.Single(new SeedRun(seed, 1) { Era = era }.Run().Results).Violation);
}
