using Notify.Core.Sessions;
using Notify.Core.Transport;

namespace Notify.Core.Tests.Parts;

/// <summary>Which upstream comes next, and when.</summary>
public sealed class UpstreamPolicyTests
{
    private static readonly string[] s_three = ["a:1", "b:1", "c:1"];
    private static readonly SessionEnd s_dead = new(GrpcStatusCode.Unavailable, "nobody there");
    private static readonly SessionEnd s_refused = new(GrpcStatusCode.AlreadyExists, "the name is taken");
    private static readonly UpstreamPolicyOptions s_options = new();

    [Fact]
    public void Options_HaveTheirDefaults() => Assert.Equal((200, 10_000), (s_options.BackoffMinMs, s_options.BackoffMaxMs));

    [Fact]
    public void Addresses_NoneAtAll_AreRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new UpstreamPolicy("node", [], s_options, () => 0));

    [Fact]
    public void Address_ThatIsDead_IsLeftAtOnce_UntilAllWereTried()
    {
        var policy = new UpstreamPolicy("node", s_three, s_options, () => 0.5);
        var tried = new List<string>();
        var waits = new List<long>();
        for (var i = 0; i < 6; i++)
        {
            tried.Add(policy.Address);
            waits.Add(policy.Ended(s_dead, openMs: null, retryAfterMs: null));
        }

        Assert.Equal(3, tried.Take(3).Distinct().Count());
        Assert.Equal(tried.Take(3), tried.Skip(3));
        Assert.Equal([0, 0, 100, 0, 0, 200], waits);
    }

    [Fact]
    public void Address_ThatIsAboutToStop_IsLeftAtOnce_UntilAllWereTried()
    {
        var policy = new UpstreamPolicy("node", s_three, s_options, () => 0.5);

        Assert.Equal([0, 0, 3100], Enumerable.Range(0, 3).Select(_ => policy.Ended(s_dead, openMs: null, retryAfterMs: 3000)));
    }

    [Fact]
    public void Leave_GoesToTheNextAddress_WithinHalfOfTheTime()
    {
        var random = 0.0;
        var policy = new UpstreamPolicy("node", s_three, s_options, () => random);
        var (first, second, third) = (policy.Address, Next(1), Next(2));

        Assert.Equal(0, policy.Leave(5000));
        Assert.Equal(second, policy.Address);
        random = 0.999;
        Assert.Equal(0, policy.Ended(s_dead, null, null));
        Assert.Equal(third, policy.Address);

        // All others were tried, so it waits, and the one to be left stays out of it.
        Assert.Equal(199, policy.Ended(s_dead, null, null));
        Assert.Equal(second, policy.Address);
        policy.HasLeft();
        policy.Ended(s_dead, null, null);
        policy.Ended(s_dead, null, null);
        Assert.Equal(first, policy.Address);
        Assert.Equal(2497, policy.Leave(5000));

        string Next(int steps)
        {
            var other = new UpstreamPolicy("node", s_three, s_options, () => 0);
            for (var i = 0; i < steps; i++)
            {
                other.Ended(s_dead, null, null);
            }

            return other.Address;
        }
    }

    [Fact]
    public void Leave_WithTheOneAddress_StaysThere()
    {
        var policy = new UpstreamPolicy("node", ["a:1"], s_options, () => 0.5);

        Assert.False(policy.HasOthers);
        policy.Leave(5000);
        Assert.Equal("a:1", policy.Address);
    }

    [Fact]
    public void Handshake_ThatIsRefused_WaitsAtOnce()
    {
        var policy = new UpstreamPolicy("node", s_three, s_options, () => 0.5);

        Assert.Equal(100, policy.Ended(s_refused, openMs: null, retryAfterMs: null));
    }

    [Fact]
    public void Wait_DoublesUpToItsLimit_AndIsARandomPartOfIt()
    {
        var random = 0.999;
        var policy = new UpstreamPolicy("node", ["a:1"], s_options, () => random);
        var waits = Enumerable.Range(0, 8).Select(_ => policy.Ended(s_dead, null, null)).ToList();
        Assert.Equal([199, 399, 799, 1598, 3196, 6393, 9990, 9990], waits);

        random = 0;
        Assert.Equal(0, policy.Ended(s_dead, null, null));
        for (var i = 0; i < 100; i++)
        {
            Assert.InRange(policy.Ended(s_dead, null, null), 0, 10_000);
        }
    }

    [Fact]
    public void Session_ThatWasOpenForLong_ForgetsTheFailuresBeforeIt()
    {
        var policy = new UpstreamPolicy("node", ["a:1"], s_options, () => 0.5);
        for (var i = 0; i < 10; i++)
        {
            policy.Ended(s_dead, null, null);
        }

        Assert.Equal(5000, policy.Ended(s_dead, openMs: 9_999, null));
        Assert.Equal(100, policy.Ended(s_dead, openMs: 10_000, null));
    }

    [Fact]
    public void Hint_OfTheServer_IsTheLeastWait()
    {
        var policy = new UpstreamPolicy("node", s_three, s_options, () => 0.5);

        Assert.Equal(3100, policy.Ended(s_dead, openMs: 50_000, retryAfterMs: 3000));
    }

    [Fact]
    public void Nodes_AreSpreadOverAddresses_EachAlwaysTheSame()
    {
        string First(string node, IEnumerable<string> addresses) => new UpstreamPolicy(node, addresses, s_options, () => 0).Address;
        var nodes = Enumerable.Range(0, 600).Select(i => $"node{i}").ToArray();
        var first = nodes.ToDictionary(node => node, node => First(node, s_three));

        Assert.All(s_three, address => Assert.InRange(first.Values.Count(one => one == address), 140, 260));
        Assert.All(nodes, node => Assert.Equal(first[node], First(node, s_three.Reverse())));

        // When an address goes, only its nodes move.
        Assert.All(nodes.Where(node => first[node] != "b:1"), node => Assert.Equal(first[node], First(node, ["a:1", "c:1"])));
    }
}
