using ServingStatus = Notify.Server.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Notify.Server.Health;

/// <summary>
/// How the services of this process are, as <c>grpc.health.v1</c> tells it. The host sets it; probes read and watch it. The empty name is the
/// server as a whole and serves from the start. Safe for concurrent use.
/// </summary>
public sealed class GrpcHealth
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ServingStatus> _services = new(StringComparer.Ordinal) { [""] = ServingStatus.Serving };
    private TaskCompletionSource _changed = NewSignal();
    private bool _shutDown;

    /// <summary>Sets how a service is. After <see cref="ShutDown"/> it changes nothing.</summary>
    /// <param name="service">Full name of the service; empty for the server as a whole.</param>
    /// <param name="serving">Whether it serves.</param>
    public void Set(string service, bool serving)
    {
        lock (_lock)
        {
            if (_shutDown)
                return;
            _services[service] = serving ? ServingStatus.Serving : ServingStatus.NotServing;
            Signal();
        }
    }

    /// <summary>Declares every service not serving, for good: the process is about to end, and balancers should look elsewhere.</summary>
    public void ShutDown()
    {
        lock (_lock)
        {
            _shutDown = true;
            foreach (var service in _services.Keys)
                _services[service] = ServingStatus.NotServing;
            Signal();
        }
    }

    /// <summary>How the service is, null for one that is not known, and a task that completes when anything changed since.</summary>
    internal (ServingStatus? Status, Task Changed) Observe(string service)
    {
        lock (_lock)
            return (_services.TryGetValue(service, out var status) ? status : null, _changed.Task);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }
}
