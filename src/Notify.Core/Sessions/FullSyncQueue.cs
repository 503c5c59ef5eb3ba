namespace Notify.Core.Sessions;

/// <summary>
/// Who is sent objects of the store from the beginning now: so many sessions at a time, the others in the order in which they came. Guarded by the
/// lock of the mirror.
/// </summary>
/// <param name="placesMax">How many at a time.</param>
internal sealed class FullSyncQueue(int placesMax)
{
    private const int LeftMax = 64;

    // Those who left are still in it, until it is their turn or there are too many of them.
    private Queue<Place> _queue = new();
    private int _waiting;
    private long _lastNumber;
    private long _passedNumber;
    private int _taken;

    /// <summary>How many places are remembered, for tests of bounds.</summary>
    public int Count => _queue.Count;

    /// <summary>True when it is the session's turn. Otherwise it waits from now on, if it did not already, and is woken when it is.</summary>
    public bool TryEnter(Place place)
    {
        if (place.State == PlaceState.None)
        {
            (place.Number, place.State) = (++_lastNumber, PlaceState.Waiting);
            _queue.Enqueue(place);
            _waiting++;
            TakeTurns(except: place);
        }

        return place.State == PlaceState.Taken;
    }

    /// <summary>The session has been sent everything, or does not take it, or is over: whoever is next has its place.</summary>
    public void Leave(Place place)
    {
        _taken -= place.State == PlaceState.Taken ? 1 : 0;
        _waiting -= place.State == PlaceState.Waiting ? 1 : 0;
        place.State = PlaceState.None;
        TakeTurns(except: null);
        if (_queue.Count > (2 * _waiting) + LeftMax)
        {
            _queue = new Queue<Place>(_queue.Where(one => one.State == PlaceState.Waiting));
        }
    }

    /// <summary>
    /// How far a session is from its turn, at most: who has left meanwhile is counted until those before it had their turn. 0: it does not wait.
    /// </summary>
    public int DistanceOf(Place place) => place.State == PlaceState.Waiting ? (int)Math.Min(int.MaxValue, place.Number - _passedNumber) : 0;

    private void TakeTurns(Place? except)
    {
        while (_taken < placesMax && _queue.TryDequeue(out var next))
        {
            if (next.State != PlaceState.Waiting)
            {
                continue;
            }

            (next.State, _passedNumber) = (PlaceState.Taken, next.Number);
            (_taken, _waiting) = (_taken + 1, _waiting - 1);
            if (next != except)
            {
                next.Wake();
            }
        }
    }

    /// <summary>Where a session is.</summary>
    public enum PlaceState
    {
        /// <summary>It has not asked.</summary>
        None = 0,

        /// <summary>It is in the queue.</summary>
        Waiting = 1,

        /// <summary>It is its turn.</summary>
        Taken = 2,
    }

    /// <summary>A session's place.</summary>
    /// <param name="wake">Called inside the lock when it is the session's turn.</param>
    public sealed class Place(Action wake)
    {
        public PlaceState State { get; set; }

        public long Number { get; set; }

        public void Wake() => wake();
    }
}
