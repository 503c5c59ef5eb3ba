namespace Notify.Harness.Demo.Checks.Tree;

/// <summary>A resource manager below the relay, and so below one controller, is killed: what it published goes at the matching engine of the other, and nothing else.</summary>
internal static class OtherFlushCheck
{
    public static async Task<string> RunAsync(TreeDeployment demo, CancellationToken cancellationToken)
    {
        var above = await demo.ControllerOfAsync(demo.Relay, cancellationToken);
        foreach (var dme in demo.Dmes)
        {
            if (await demo.ControllerOfAsync(dme, cancellationToken) == demo.Other(above))
                return $"{demo.HomeCrm.Name} below {above.Name}, {dme.Name} at {demo.Other(above).Name}: {await PublishedChecks.KillAsync(demo, above, dme, cancellationToken)}";
        }

        throw new CheckFailedException($"no matching engine is at {demo.Other(above).Name}");
    }
}
