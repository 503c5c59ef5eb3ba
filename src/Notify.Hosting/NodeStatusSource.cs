using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Client.Links;
using Notify.Core.Caches;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Server.Status;

namespace Notify.Hosting;

/// <summary>Says what the node's state is now. Thread safe.</summary>
internal sealed class NodeStatusSource(
    NodeProgram program, NodeOptions options, NodeIdentity identity, SessionSettings settings, Mirror mirror, TimeProvider time, IServiceProvider services)
{
    private readonly UpstreamLink? _upstream = services.GetService<UpstreamLink>();
    private readonly Hub? _hub = services.GetService<Hub>();

    public NodeStatus Capture()
    {
        var status = new NodeStatus
        {
            Name = options.Name,
            Role = program.Role,
            Version = identity.Version,
            Process = settings.Process,
            Started = Timestamp.FromDateTimeOffset(identity.Started),
            Synced = _upstream is null ? mirror.Snapshot().StoredSpace is not null : mirror.IsSynced,
        };
        MirrorStatus.AddTo(status, mirror, mirror.UpstreamStoredHead);
        if (_upstream is not null)
        {
            var view = _upstream.View;
            status.Upstream = Upstream(view, status);
            status.Counters.Sessions += view.Sessions;
        }

        if (_hub is not null)
        {
            LinkStatus.AddTo(status, _hub, time);
        }

        return status;
    }

    private static UpstreamStatus Upstream(UpstreamView view, NodeStatus status)
    {
        var upstream = new UpstreamStatus
        {
            Address = new Uri(view.Address).Authority,
            Peer = view.Peer,
            LastError = view.LastError,
            Queued = view.Queued,
            State = view.State switch
            {
                UpstreamState.Open => status.Synced ? UpstreamStatus.Types.State.Synced : UpstreamStatus.Types.State.Syncing,
                UpstreamState.Connecting => UpstreamStatus.Types.State.Connecting,
                _ => UpstreamStatus.Types.State.BackingOff,
            },
        };
        if (view.State == UpstreamState.Open)
        {
            upstream.Connected = Timestamp.FromDateTimeOffset(view.Since);
        }

        return upstream;
    }
}
