using Google.Protobuf;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Checks;

/// <summary>Counts events per object. One adds, others read; thread safe.</summary>
internal sealed class EventCount
{
    private readonly Lock _gate = new();
    private readonly HashSet<(string Type, ByteString Key)> _seen = [];

    public int Puts { get; private set; }

    public int Removals { get; private set; }

    /// <summary>Events for an object that had one already.</summary>
    public int Repeated { get; private set; }

    public int Total => Puts + Removals;

    /// <summary>The first event, for people.</summary>
    public string? First { get; private set; }

    /// <summary>The first removal, for people.</summary>
    public string? FirstRemoval { get; private set; }

    /// <summary>Each difference made one event, and nothing else did.</summary>
    /// <exception cref="CheckFailedException">It is otherwise.</exception>
    public void ShowsOnly(MirrorDifference difference, string node)
    {
        var puts = difference.Changed.Count + difference.Unexpected.Count;
        if (Repeated > 0 || Puts != puts || Removals != difference.Missing.Count)
        {
            throw new CheckFailedException(
                $"{node}: {Puts} puts and {Removals} removals with {Repeated} repeated, expected {puts} and {difference.Missing.Count}; first {First}");
        }
    }

    public void Add(string type, ByteString key, bool isPut)
    {
        lock (_gate)
        {
            var name = EdgeObjects.ShortName(type);
            if (!_seen.Add((name, key)))
                Repeated++;
            Puts += isPut ? 1 : 0;
            Removals += isPut ? 0 : 1;
            var text = $"{(isPut ? "put" : "removed")} {name} {key.ToStringUtf8().Trim()}";
            First ??= text;
            FirstRemoval ??= isPut ? null : text;
        }
    }
}
