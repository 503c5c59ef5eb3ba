using System.Diagnostics;
using Notify.Edge;

namespace Notify.Harness.Demo.Checks;

/// <summary>Step 9: a request for an instance, sent at the controller, is answered by the resource manager it was sent to.</summary>
internal static class ExecCheck
{
    public static async Task<string> RunAsync(Deployment demo, CancellationToken cancellationToken)
    {
        var times = new List<TimeSpan>();
        foreach (var site in (Site[])[Deployment.Home, Deployment.Away])
        {
            var instance = demo.Oracle.ExpectedForCloudlet(site.Organization, site.Name).First(o => o.Type == "AppInst");
            var key = AppInstKey.Parser.ParseJson(instance.Key);
            ExecRequest request = new() { Id = "demo-" + site.Name, AppInstKey = key, Command = "echo" };
            request.Arguments.AddRange(["hello", site.Name]);
            var clock = Stopwatch.GetTimestamp();
            var reply = (ExecReply)await demo.Client(demo.Controller).SendAsync(site.Node, request, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(clock));
            if (reply.Node != site.Node || reply.Id != request.Id || reply.ExitCode != 0 || reply.Output.Trim() != $"hello {site.Name}")
                throw new CheckFailedException($"expected 'hello {site.Name}' from {site.Node}, got {reply}");
        }

        return $"{times.Count} requests, {string.Join(" and ", times.Select(Latencies.Text))}";
    }
}
