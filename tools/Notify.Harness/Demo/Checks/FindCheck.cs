using System.Diagnostics;
using System.Text.Json.Nodes;
using Notify.Client.Transport;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks;

/// <summary>
/// Step 8: clients at both sites ask the matching engine for an App that runs at both, 20 times a second, while the controller is killed and
/// for 10 s after. Each has to be sent to its own site, every time.
/// </summary>
internal static class FindCheck
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(10);
    private static readonly GrpcCallOptions Patience = new() { Timeout = TimeSpan.FromSeconds(1) };

    public static async Task<string> RunAsync(Deployment demo, CancellationToken cancellationToken)
    {
        var clients = Clients(demo.Oracle);
        await Until.HoldsAsync(TimeSpan.FromSeconds(5), async () =>
        {
            foreach (var client in clients)
            {
                if (await AskAsync(demo, client, cancellationToken) is { } wrong)
                    return wrong;
            }

            return null;
        }, cancellationToken);

        List<Task<(string? Wrong, TimeSpan Time)>> calls = [];
        var clock = Stopwatch.StartNew();
        Task killing = Task.CompletedTask;
        TimeSpan? killedAt = null;
        while (killedAt is null || clock.Elapsed < killedAt + After)
        {
            if (killedAt is null && clock.Elapsed >= Before)
            {
                killing = demo.Controller.KillAsync();
                killedAt = clock.Elapsed;
            }

            // Each call stands for itself: a slow one does not make the others wait.
            calls.Add(TimedAsync(demo, clients[calls.Count % clients.Count], cancellationToken));
            var wait = (Interval * calls.Count) - clock.Elapsed;
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, cancellationToken);
        }

        await killing;
        var answers = await Task.WhenAll(calls);
        var failures = answers.Where(a => a.Wrong is not null).ToList();
        if (failures.Count > 0)
            throw new CheckFailedException($"{failures.Count} of {answers.Length} failed, first: {failures[0].Wrong}");
        var least = (int)((Before + After) / Interval * 0.9);
        if (answers.Length < least || demo.Controller.IsRunning)
            throw new CheckFailedException($"{answers.Length} calls, at least {least} are wanted; the controller is {(demo.Controller.IsRunning ? "running" : "dead")}");
        var times = answers.Select(a => a.Time).ToList();
        return $"{answers.Length} calls, 0 failed, p50 {Latencies.Text(Latencies.Quantile(times, 0.5))}, slowest {Latencies.Text(times.Max())}";
    }

    /// <summary>A client at each site that asks for the same App, and where the files say that it has to be sent.</summary>
    private static List<Client> Clients(Oracle oracle)
    {
        var home = Instances(oracle, Deployment.Home);
        var away = Instances(oracle, Deployment.Away);
        var app = home.Keys.Order(StringComparer.Ordinal).FirstOrDefault(away.ContainsKey)
            ?? throw new CheckFailedException($"no App runs at {Deployment.Home} and at {Deployment.Away}");
        return
        [
            new(AppKey.Parser.ParseJson(app), LocationOf(oracle, Deployment.Home), Deployment.Home, home[app]),
            new(AppKey.Parser.ParseJson(app), LocationOf(oracle, Deployment.Away), Deployment.Away, away[app]),
        ];
    }

    private static Dictionary<string, string> Instances(Oracle oracle, Site site) => oracle
        .ExpectedForCloudlet(site.Organization, site.Name)
        .Where(o => o.Type == "AppInst")
        .ToDictionary(o => JsonNode.Parse(o.Value)!["appKey"]!.ToJsonString(), o => o.Key);

    private static Location LocationOf(Oracle oracle, Site site) => Location.Parser.ParseJson(JsonNode.Parse(oracle
        .ExpectedForCloudlet(site.Organization, site.Name)
        .Single(o => o.Type == "Cloudlet").Value)!["location"]!.ToJsonString());

    private static async Task<(string? Wrong, TimeSpan Time)> TimedAsync(Deployment demo, Client client, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var wrong = await AskAsync(demo, client, cancellationToken);
            return (wrong, Stopwatch.GetElapsedTime(start));
        }
        catch (GrpcException e)
        {
            return (e.Message, Stopwatch.GetElapsedTime(start));
        }
    }

    private static async Task<string?> AskAsync(Deployment demo, Client client, CancellationToken cancellationToken)
    {
        FindCloudletRequest request = new() { App = client.App, Location = client.Location };
        var answer = await demo.Client(demo.Dme).Channel.UnaryAsync(DmeMethods.FindCloudlet, request, Patience, cancellationToken);
        return answer.CloudletKey.Equals(client.Site.Key) && answer.AppInstKey.Equals(AppInstKey.Parser.ParseJson(client.Instance))
            ? null
            : $"a client at {client.Site} was sent to {answer.CloudletKey}, instance {answer.AppInstKey} instead of {client.Instance}";
    }

    private sealed record Client(AppKey App, Location Location, Site Site, string Instance);
}
