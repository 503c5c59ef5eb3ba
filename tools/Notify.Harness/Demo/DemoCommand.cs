using System.CommandLine;
using Notify.Core.Transport;
using Notify.Harness.Demo.Checks;
using Notify.Harness.Demo.Checks.Tree;
using Notify.Harness.Demo.Processes;
using Notify.Harness.Demo.View;

namespace Notify.Harness.Demo;

/// <summary><c>demo</c>: a world of processes on this machine, to watch or, with <c>--check</c>, to check.</summary>
internal static class DemoCommand
{
    private const int Failed = 1;

    public static Command Create()
    {
        Option<bool> check = new("--check") { Description = "Run the checks, a line PASS or FAIL for each, and end." };
        Option<bool> tree = new("--tree") { Description = "Instead: etcd, two controllers, a relay with two CRMs below it, and two DMEs." };
        Command command = new("demo", "Start a controller, two CRMs and a DME, load the sample world and show what happens until Ctrl-C.") { check, tree };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                var repository = HostProgram.FindRepository();
                using Undertaker undertaker = new();
                if (parsed.GetValue(tree))
                {
                    await using TreeDeployment deployment = new(repository, undertaker);
                    return parsed.GetValue(check)
                        ? await TreeChecks.RunAsync(deployment, Console.Out, cancellationToken)
                        : await DemoShow.RunAsync(deployment, cancellationToken);
                }

                await using Deployment demo = new(repository, undertaker);
                return parsed.GetValue(check)
                    ? await DemoChecks.RunAsync(demo, Console.Out, cancellationToken)
                    : await DemoShow.RunAsync(demo, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Ctrl-C is how the demo ends; a check that was broken off did not pass.
                return parsed.GetValue(check) ? Failed : 0;
            }
            catch (Exception e) when (e is CheckFailedException or FileNotFoundException or GrpcException)
            {
                await Console.Error.WriteLineAsync("demo: " + e.Message);
                return Failed;
            }
            catch (InvalidOperationException e)
            {
                // The demo's own mistake, or a machine without what it needs: where it happened says which.
                await Console.Error.WriteLineAsync($"demo: {e}");
                return Failed;
            }
        });
        return command;
    }
}
