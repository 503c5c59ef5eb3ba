using System.CommandLine;
using System.CommandLine.Help;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Core;
using Notify.Server.Health;
using Notify.Server.Links;
using Notify.Server.Transport;
using Serilog;
using ILogger = Microsoft.Extensions.Logging.ILogger;

namespace Notify.Hosting;

/// <summary>Runs a program from its arguments to its exit code: 0 stopped when asked, 1 failed, 2 wrong usage.</summary>
public static partial class NodeHost
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectionPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PingIntervalMin = TimeSpan.FromSeconds(1);

    /// <summary>Runs until SIGTERM or SIGINT.</summary>
    public static async Task<int> RunAsync(NodeProgram program, string[] arguments)
    {
        // First of all: a signal that comes while everything starts must end it as cleanly as later ones do.
        using var stop = new StopSignals();
        var common = new CommonOptions(program.HasUpstream, program.Listen, program.ValidateName);
        var parsed = Command(program, common).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is HelpWithExamples or { ClearsParseErrors: true })
        {
            return await parsed.InvokeAsync(cancellationToken: CancellationToken.None).ConfigureAwait(false);
        }

        if (parsed.Errors.Count > 0)
        {
            return Refuse(program, parsed.Errors.Select(error => error.Message));
        }

        return await RunAsync(program, common.Read(parsed), parsed, stop.Token).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(NodeProgram program, NodeOptions options, ParseResult parsed, CancellationToken stopToken)
    {
        using var log = NodeLogging.Create(options.Log);
        var notReady = new NotReadyServer(options, log);
        await using (notReady.ConfigureAwait(false))
        {
            WebApplication app;
            try
            {
                await program.PrepareAsync(options, parsed, notReady, stopToken).ConfigureAwait(false);
                app = Build(program, options, parsed, log, notReady);
            }
            catch (OperationCanceledException) when (stopToken.IsCancellationRequested)
            {
                return 0; // Asked to stop before there was anything to stop.
            }
            catch (Exception e) when (ForTheUser(e, options) is { } message)
            {
                return Fail(message);
            }

            await using (app.ConfigureAwait(false))
            {
                return await RunAsync(app, options, stopToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The message of what the environment did, not the program; else null.</summary>
    private static string? ForTheUser(Exception e, NodeOptions options) => e switch
    {
        IOException { InnerException: AddressInUseException } =>
            $"--listen {options.Listen}: another program listens on this port. Stop it, or choose another port (0: a free one).",
        SocketException => $"--listen {options.Listen}: {e.Message}.",
        NotifyException or IOException or UnauthorizedAccessException => e.Message,
        _ => null,
    };

    private static int Fail(string message)
    {
        Console.Error.WriteLine("error: " + message);
        return 1;
    }

    private static RootCommand Command(NodeProgram program, CommonOptions common)
    {
        var root = new RootCommand(program.Description);
        foreach (var option in common.All.Concat(program.Options))
        {
            root.Options.Add(option);
        }

        // Parsing is all that is asked for; what happens then is not a command's business.
        root.SetAction(static _ => 0);
        var help = root.Options.OfType<HelpOption>().Single();
        if (help.Action is HelpAction usual)
        {
            help.Action = new HelpWithExamples(usual, program.Examples);
        }

        return root;
    }

    private static int Refuse(NodeProgram program, IEnumerable<string> errors)
    {
        foreach (var error in errors.SelectMany(error => error.Split('\n')).Distinct())
        {
            Console.Error.WriteLine("error: " + error);
        }

        Console.Error.WriteLine($"See --help of the {program.Role}.");
        return 2;
    }

    /// <summary>What listens where the node is to, with what it logs to.</summary>
    internal static WebApplicationBuilder CreateBuilder(NodeOptions options, Serilog.ILogger log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddSerilog(log);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureForGrpc(
                keepAliveInterval: options.HeartbeatTimeout < PingIntervalMin ? PingIntervalMin : options.HeartbeatTimeout,
                keepAliveTimeout: TimeSpan.FromSeconds(10),
                ConnectionPatience);

            // The option was checked: it has an address.
            kestrel.Listen(options.Listen.ListenAddress!, options.Listen.Port, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        return builder;
    }

    private static WebApplication Build(
        NodeProgram program, NodeOptions options, ParseResult parsed, Serilog.ILogger log, NotReadyServer notReady)
    {
        var builder = CreateBuilder(options, log);
        program.AddServices(builder.Services, options, parsed);
        builder.Services.AddNode(program, options);
        builder.Services.AddHostedService(_ => notReady);
        var app = builder.Build();
        _ = app.Services.GetRequiredService<NodeIdentity>(); // It says when the node began, so it is made before what counts from then.
        app.MapNode(program);
        program.Map(app);
        app.MapGrpcUnimplemented();
        return app;
    }

    private static async Task<int> RunAsync(WebApplication app, NodeOptions options, CancellationToken stopToken)
    {
        try
        {
            await app.StartAsync(stopToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopToken.IsCancellationRequested)
        {
            return 0; // Asked to stop while it started.
        }
        catch (Exception e) when (ForTheUser(e, options) is { } message)
        {
            return Fail(message);
        }

        try
        {
            await DrainAsync(app, stopToken).ConfigureAwait(false);
            await app.WaitForShutdownAsync(stopToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or AggregateException)
        {
            Log.CutOff(app.Logger, options.Name, ShutdownTimeout.TotalSeconds, e);
            return 1;
        }

        // A service that failed has stopped the host, and has been logged.
        var services = app.Services.GetServices<IHostedService>().OfType<BackgroundService>();
        return services.Any(service => service.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
    }

    /// <summary>Waits for the signal to stop, and lets the nodes below go elsewhere before anything ends. A failure that stops the host is not kept up.</summary>
    private static async Task DrainAsync(WebApplication app, CancellationToken stopToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopToken, app.Lifetime.ApplicationStopping);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (app.Services.GetService<LinkServer>() is { } server && !app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            app.Services.GetRequiredService<GrpcHealth>().ShutDown();
            await server.DrainAsync(app.Lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6004, LogLevel.Error, "{Name} did not stop within {Seconds} s; what still ran is cut off")]
        public static partial void CutOff(ILogger logger, string name, double seconds, Exception exception);
    }
}
