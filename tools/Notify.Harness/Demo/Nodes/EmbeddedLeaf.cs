using Microsoft.Extensions.Logging.Abstractions;
using Notify.Client.Links;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Edge;

namespace Notify.Harness.Demo.Nodes;

/// <summary>
/// A matching engine's mirror inside this process, as a program that uses the client library has it: for what only snapshots and handlers
/// can show. Thread safe.
/// </summary>
internal sealed class EmbeddedLeaf : IAsyncDisposable
{
    private readonly UpstreamLink _link;

    /// <summary>Starts connecting.</summary>
    /// <param name="silence">After this long without any frame the upstream is given up.</param>
    /// <param name="infos">Mirrors what resource managers publish, too.</param>
    public EmbeddedLeaf(string name, Uri upstream, TimeSpan silence, bool infos = true)
    {
        TypeTable types = new();
        Mirror = new Mirror(types, new MirrorOptions { Node = name, DynamicSpace = new Space(name, Guid.NewGuid().ToString("N")) });
        Apps = new AppCache(Mirror);
        Instances = new AppInstCache(Mirror);
        var stored = Interest.None.WithAll(Apps.ObjectType, Instances.ObjectType);
        Mirror.SetInterest(infos ? stored.WithAll(new AppInstInfoCache(Mirror).ObjectType, new CloudletInfoCache(Mirror).ObjectType) : stored);
        var options = new UpstreamLinkOptions
        {
            Addresses = [upstream],
            Settings = new SessionSettings
            {
                Process = Guid.NewGuid().ToString("N"),
                Role = "dme",
                Limits = new SessionLimits
                {
                    SilenceMs = (int)silence.TotalMilliseconds,
                    HeartbeatMs = (int)silence.TotalMilliseconds / 4,
                },
            },
            // Tries often: what is shown is how a mirror comes back, not how long a polite client waits.
            Policy = new UpstreamPolicyOptions { BackoffMinMs = 100, BackoffMaxMs = 500 },
        };
        _link = new UpstreamLink(
            Mirror, new MessageRouter(Mirror), options, Random.Shared.NextDouble, TimeProvider.System, NullLogger<UpstreamLink>.Instance);
        _link.Start();
    }

    public Mirror Mirror { get; }

    public AppCache Apps { get; }

    public AppInstCache Instances { get; }

    /// <summary>A session is open.</summary>
    public bool IsConnected => _link.View.State == UpstreamState.Open;

    /// <summary>How many sessions there were.</summary>
    public long Sessions => _link.View.Sessions;

    public ValueTask DisposeAsync() => _link.DisposeAsync();
}
