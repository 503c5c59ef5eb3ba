using Notify.Core.Types;

namespace Notify.Core.Sessions;

/// <summary>Why a peer refused objects: the latest reason of each, up to a number of objects. Thread safe.</summary>
internal sealed class BoundedReasons(int countMax)
{
    private readonly Dictionary<ObjectId, string> _reasons = [];

    public string this[ObjectId id]
    {
        set
        {
            lock (_reasons)
            {
                if (_reasons.Count < countMax || _reasons.ContainsKey(id))
                {
                    _reasons[id] = value;
                }
            }
        }
    }

    public IReadOnlyDictionary<ObjectId, string> Snapshot()
    {
        lock (_reasons)
        {
            return new Dictionary<ObjectId, string>(_reasons);
        }
    }
}
