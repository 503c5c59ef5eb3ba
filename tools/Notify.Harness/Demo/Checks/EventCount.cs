using Google.Protobuf;
using Notify.Harness.Demo.Nodes;

namespace Notify.Harness.Demo.Checks;

/// <summary>Counts events per object. One adds, others read; thread safe.</summary>
internal sealed class EventCount
{
    private readonly Lock _gate = new();
    private readonly HashSet<(string Type, ByteString Key)> _seen = [];
    private volatile bool _isReady;

    /// <summary>The first state is in; what comes now are changes.</summary>
    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }

    public int Puts { get; private set; }

    public int Removals { get; private set; }

    /// <summary>Events for an object that had one already.</summary>
    public int Repeated { get; private set; }

    public int Total => Puts + Removals;

    /// <summary>The first event, for people.</summary>
    public string? First { get; private set; }

    public void Add(string type, ByteString key, bool isPut)
    {
        lock (_gate)
        {
            var name = EdgeObjects.ShortName(type);
            if (!_seen.Add((name, key)))
                Repeated++;
            Puts += isPut ? 1 : 0;
            Removals += isPut ? 0 : 1;
            First ??= $"{(isPut ? "put" : "removed")} {name} {key.ToStringUtf8().Trim()}";
        }
    }
}
