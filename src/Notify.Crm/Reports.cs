using Google.Protobuf;
using Notify.Core.Caches;
using Notify.Core.Types;

namespace Notify.Crm;

/// <summary>
/// What a node publishes, as a whole: it says all there is, and the difference to what it said before is published as one epoch. Not
/// thread safe.
/// </summary>
internal sealed class Reports(Mirror mirror)
{
    private readonly Dictionary<ObjectId, Envelope> _published = [];
    private readonly Dictionary<ObjectId, Envelope> _next = [];

    /// <summary>Adds an object to what is to be published.</summary>
    public void Add<TKey, TObject>(ObjectType<TKey, TObject> type, TObject report)
        where TKey : class, IMessage<TKey>
        where TObject : class, IMessage<TObject>
    {
        var envelope = type.Describe(report);
        _next[envelope.Id] = envelope;
    }

    /// <summary>Publishes what was added since the last call, and withdraws what was not added again.</summary>
    public void Publish()
    {
        var upserts = _next.Values.Where(envelope => !_published.TryGetValue(envelope.Id, out var said) || !said.SameContent(envelope)).ToArray();
        var removals = _published.Keys.Where(id => !_next.ContainsKey(id)).ToArray();
        if (upserts.Length > 0 || removals.Length > 0)
        {
            mirror.Publish(upserts, removals);
        }

        _published.Clear();
        foreach (var (id, envelope) in _next)
        {
            _published.Add(id, envelope);
        }

        _next.Clear();
    }
}
