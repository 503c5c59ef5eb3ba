using Google.Protobuf.WellKnownTypes;

namespace Notify.Crm;

/// <summary>In which state each of some objects is, and since when. Not thread safe.</summary>
/// <typeparam name="TKey">Key of the objects.</typeparam>
/// <typeparam name="TState">Their states.</typeparam>
internal sealed class Lives<TKey, TState>
    where TKey : class
    where TState : struct, System.Enum
{
    private readonly Dictionary<TKey, (TState State, Timestamp Since)> _lives = [];
    private readonly HashSet<TKey> _seen = [];

    /// <summary>The state that the object was left in, or null for a new one. Marks it as still there.</summary>
    public TState? Visit(TKey key)
    {
        _seen.Add(key);
        return _lives.TryGetValue(key, out var life) ? life.State : null;
    }

    /// <summary>Leaves the object in a state. Returns since when it is in it.</summary>
    public Timestamp Enter(TKey key, TState state, Timestamp now)
    {
        if (!_lives.TryGetValue(key, out var life) || !EqualityComparer<TState>.Default.Equals(life.State, state))
        {
            _lives[key] = life = (state, now);
        }

        return life.Since;
    }

    /// <summary>Forgets one object.</summary>
    public void End(TKey key) => _lives.Remove(key);

    /// <summary>Forgets the objects that were not visited since the last call.</summary>
    public void EndUnseen()
    {
        foreach (var gone in _lives.Keys.Where(key => !_seen.Contains(key)).ToArray())
        {
            _lives.Remove(gone);
        }

        _seen.Clear();
    }
}
