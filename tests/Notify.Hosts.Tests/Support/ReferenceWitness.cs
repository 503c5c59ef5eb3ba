using Google.Protobuf.WellKnownTypes;
using Notify.Client.Transport;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;

namespace Notify.Hosts.Tests.Support;

/// <summary>Follows a node's mirror, event by event, and notes when an instance is without its App, or an App without its Flavor.</summary>
internal sealed class ReferenceWitness : IAsyncDisposable
{
    private readonly HashSet<AppKey> _apps = [];
    private readonly HashSet<FlavorKey> _flavors = [];
    private readonly Dictionary<AppInstKey, AppKey> _instances = [];
    private readonly Dictionary<AppKey, FlavorKey> _defaults = [];
    private readonly bool _hasFlavors;
    private readonly ServerStreamingCall<WatchResponse> _watch;
    private readonly Task _reading;
    private volatile string? _violation;
    private volatile int _puts;

    /// <param name="node">The node to look at, now; what it has already is taken in.</param>
    /// <param name="hasFlavors">It mirrors what Apps refer to.</param>
    public ReferenceWitness(HostProcess node, bool hasFlavors)
    {
        _hasFlavors = hasFlavors;
        _watch = node.Channel.ServerStreaming(ObjectsMethods.Watch, new WatchRequest());
        _reading = ReadAsync();
    }

    /// <summary>The first one, for people.</summary>
    public string? Violation => _violation;

    /// <summary>How many instances came.</summary>
    public int Puts => _puts;

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var response in _watch.ReadAllAsync())
            {
                foreach (var change in response.Events)
                {
                    Take(change);
                }
            }
        }
        catch (Exception e) when (e is GrpcException or OperationCanceledException)
        {
            // Disposed: what was seen was seen.
        }
    }

    private void Take(WatchEvent change)
    {
        if (change.Put is { } put)
        {
            TakePut(put.Value);
        }
        else if ((change.Removed ?? change.Left) is { } gone)
        {
            TakeRemoval(gone);
        }
    }

    private void TakePut(Any value)
    {
        if (value.TryUnpack<AppInst>(out var inst))
        {
            _puts++;
            _instances[inst.Key] = inst.AppKey;
            Check(_apps.Contains(inst.AppKey), $"{inst.Key.Name} came before {inst.AppKey.Name}");
        }
        else if (value.TryUnpack<App>(out var app))
        {
            _apps.Add(app.Key);
            _defaults[app.Key] = app.DefaultFlavor;
            Check(!_hasFlavors || _flavors.Contains(app.DefaultFlavor), $"{app.Key.Name} came before {app.DefaultFlavor.Name}");
        }
        else if (value.TryUnpack<Flavor>(out var flavor))
        {
            _flavors.Add(flavor.Key);
        }
    }

    private void TakeRemoval(ObjectName gone)
    {
        if (gone.Type == AppInst.Descriptor.FullName)
        {
            _instances.Remove(AppInstKey.Parser.ParseFrom(gone.Key));
        }
        else if (gone.Type == App.Descriptor.FullName)
        {
            var key = AppKey.Parser.ParseFrom(gone.Key);
            _apps.Remove(key);
            _defaults.Remove(key);
            Check(!_instances.ContainsValue(key), $"{key.Name} went before its instance");
        }
        else if (gone.Type == Flavor.Descriptor.FullName)
        {
            var key = FlavorKey.Parser.ParseFrom(gone.Key);
            _flavors.Remove(key);
            Check(!_defaults.ContainsValue(key), $"{key.Name} went before its App");
        }
    }

    private void Check(bool holds, string otherwise) => _violation ??= holds ? null : otherwise;
}
