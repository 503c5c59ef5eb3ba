using Notify.Core.Sessions;
using Notify.Core.Transport;

namespace Notify.Core.Tests.Parts;

/// <summary>Very many nodes that lose their upstream at once do not come back at once. In time that is counted, not waited for.</summary>
public sealed class UpstreamStormTests
{
    private const int Nodes = 10_000;

    private static readonly SessionEnd s_lost = new(GrpcStatusCode.Unavailable, "the hub has ended");
    private static readonly UpstreamPolicyOptions s_options = new() { BackoffMinMs = 1000, BackoffMaxMs = 64_000 };

    [Fact]
    public void HubThatEnds_IsCalledAgainByItsNodes_SpreadOverATimeThatDoubles()
    {
        // One address: every attempt is at the hub that is away.
        var nodes = Policies(["a:1"]);
        var due = nodes.ConvertAll(policy => policy.Ended(s_lost, openMs: 3_600_000, retryAfterMs: null));
        for (var windowMs = 1000L; windowMs <= 16_000; windowMs *= 2)
        {
            IsEven(due, windowMs);
            due = nodes.ConvertAll(policy => policy.Ended(s_lost, openMs: null, retryAfterMs: null));
        }
    }

    [Fact]
    public void HubThatSaysWhenToComeAgain_IsLeftAloneUntilThen_AndThenNotCalledAtOnce()
    {
        var due = Policies(["a:1"]).ConvertAll(policy => policy.Ended(s_lost, openMs: 3_600_000, retryAfterMs: 5000));

        Assert.All(due, wait => Assert.True(wait >= 5000));
        IsEven(due.ConvertAll(wait => wait - 5000), 1000);
    }

    [Fact]
    public void HubThatDrains_IsLeftByItsNodes_SpreadOverHalfOfTheTime_EachForItsOwnNext()
    {
        string[] addresses = ["a:1", "b:1", "c:1"];
        var leaving = Policies(addresses).Where(policy => policy.Address == "a:1").ToList();
        Assert.InRange(leaving.Count, (Nodes / 3) - 250, (Nodes / 3) + 250);

        var due = leaving.ConvertAll(policy => policy.Leave(8000));
        IsEven(due, 4000);

        // What one hub had is shared by the others, and does not go to one of them.
        Assert.InRange(leaving.Count(policy => policy.Address == "b:1"), (leaving.Count / 2) - 200, (leaving.Count / 2) + 200);
        Assert.DoesNotContain(leaving, policy => policy.Address == "a:1");
    }

    private static List<UpstreamPolicy> Policies(string[] addresses)
    {
        var random = new Random(4711);
        return [.. Enumerable.Range(0, Nodes).Select(i => new UpstreamPolicy($"node{i}", addresses, s_options, random.NextDouble))];
    }

    /// <summary>Each tenth of a time has about a tenth of the attempts: six standard deviations on either side.</summary>
    private static void IsEven(List<long> due, long windowMs)
    {
        Assert.All(due, wait => Assert.InRange(wait, 0, windowMs - 1));
        var expected = due.Count / 10.0;
        var tolerance = 6 * Math.Sqrt(expected);
        Assert.All(
            Enumerable.Range(0, 10),
            tenth => Assert.InRange(due.Count(wait => wait * 10 / windowMs == tenth), expected - tolerance, expected + tolerance));
    }
}
