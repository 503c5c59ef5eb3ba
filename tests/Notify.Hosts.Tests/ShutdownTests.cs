using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notify.Edge;
using Notify.Hosting;

namespace Notify.Hosts.Tests;

/// <summary>A program of which something does not stop.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task Stop_OfAServiceThatDoesNotStop_IsCutOffWithExitCode1()
    {
        var program = new StuckProgram();
        var running = NodeHost.RunAsync(program, ["--name", "stuck", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:1", "--log", "json"]);
        var lifetime = await program.Started.Task;

        lifetime.StopApplication();

        Assert.Equal(1, await running);
    }

    private sealed class StuckProgram : NodeProgram
    {
        public TaskCompletionSource<IHostApplicationLifetime> Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override string Role => "stuck";

        public override NodeRole NodeRole => NodeRole.Unspecified;

        public override string Description => "Does not stop.";

        public override IReadOnlyList<string> Examples => [];

        public override void AddServices(IServiceCollection services, NodeOptions options, ParseResult parsed)
        {
            services.AddHostedService(provider => new StuckService(() => Started.SetResult(provider.GetRequiredService<IHostApplicationLifetime>())));
        }
    }

    private sealed class StuckService(Action started) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            started();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);
    }
}
