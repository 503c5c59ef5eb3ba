using Flags;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Notify.Client;
using Notify.Client.Transport;
using Notify.Core.Protocol;
using Notify.Core.Sync;

// FeatureFlags HOST:PORT SITE               prints the flags of a site, and each change as it comes, until Ctrl-C
// FeatureFlags HOST:PORT SITE NAME on|off   sets a flag
if (args is not ([_, _] or [_, _, _, "on" or "off"]))
{
    Console.Error.WriteLine("usage: FeatureFlags HOST:PORT SITE [NAME on|off]");
    return 2;
}

var upstream = new Uri("http://" + args[0]);
var site = new SiteKey { Name = args[1] };
if (args is [_, _, var name, var state])
{
    using var channel = new GrpcChannel(upstream);
    var flag = new Flag { Key = new FlagKey { Site = site, Name = name }, On = state == "on" };
    await channel.UnaryAsync(ObjectsMethods.Put, new PutRequest { Object = Any.Pack(flag) });
    return 0;
}

var builder = Host.CreateApplicationBuilder();
builder.Services
    .AddNotifyClient(options =>
    {
        options.Name = $"flags-{site.Name}-{Environment.ProcessId}";
        options.Upstreams.Add(upstream);
        options.Interest = Interest.None.WithScope(site, FlagType.Instance);
    })
    .AddTypes(FlagsTypes.All)
    .AddCache(mirror => new FlagCache(mirror));
builder.Services.AddHostedService<FlagPrinter>();
await builder.Build().RunAsync();
return 0;

/// <summary>A real program would ask its <see cref="FlagCache"/> where it needs a flag; this one prints what changes.</summary>
internal sealed class FlagPrinter(FlagCache flags) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var change in flags.WatchAsync(stoppingToken))
        {
            Console.WriteLine(change.New is { } flag ? $"{flag.Key.Name} is {(flag.On ? "on" : "off")}" : $"{change.Key.Name} is gone");
        }
    }
}
