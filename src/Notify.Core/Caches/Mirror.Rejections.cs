using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>Versions that handlers refused. They hold nothing back: the mirror has them, and says that they were refused.</summary>
public sealed partial class Mirror
{
    private const int RejectionsMax = 1024;

    private readonly Dictionary<ObjectId, Rejection> _rejections = [];

    /// <summary>Raised, on the handler's thread, for each change that a handler refused.</summary>
    public event Action<Rejection, Exception>? Rejected;

    /// <summary>The latest refused version of each object, for as long as it is the latest; at most 1024, further ones are counted only.</summary>
    public IReadOnlyList<Rejection> Rejections()
    {
        var snapshot = Snapshot();
        lock (_rejections)
        {
            ForgetHealed(snapshot);
            return [.. _rejections.Values];
        }
    }

    internal void Reject(ObjectChange change, Exception exception)
    {
        Counters.AddRejected();
        var rejection = new Rejection(change.Id, change.New?.Revision ?? 0, exception.Message);
        var snapshot = Snapshot();
        lock (_rejections)
        {
            if (_rejections.Count >= RejectionsMax)
            {
                ForgetHealed(snapshot);
            }

            if (_rejections.Count < RejectionsMax || _rejections.ContainsKey(change.Id))
            {
                _rejections[change.Id] = rejection;
            }
        }

        Rejected?.Invoke(rejection, exception);
    }

    private void ForgetHealed(MirrorSnapshot snapshot)
    {
        foreach (var healed in _rejections.Values.Where(one => (snapshot.Find(one.Id)?.Revision ?? 0) != one.Revision).ToArray())
        {
            _rejections.Remove(healed.Id);
        }
    }
}
