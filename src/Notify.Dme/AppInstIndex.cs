using System.Collections.Immutable;
using Notify.Core.Caches;
using Notify.Edge;

namespace Notify.Dme;

/// <summary>
/// Which instances an app has. It follows the mirror a moment later, so readers look each instance up in the mirror and go by what they find
/// there. Thread safe; reads take no lock.
/// </summary>
internal sealed class AppInstIndex : IDisposable
{
    private readonly MirrorSubscription _subscription;
    private ImmutableDictionary<AppKey, ImmutableHashSet<AppInstKey>> _byApp = ImmutableDictionary<AppKey, ImmutableHashSet<AppInstKey>>.Empty;

    public AppInstIndex(Mirror mirror) => _subscription = new AppInstCache(mirror).Subscribe(OnChange);

    public IReadOnlyCollection<AppInstKey> Of(AppKey app) => Volatile.Read(ref _byApp).GetValueOrDefault(app) ?? [];

    /// <summary>The view has something that may not be here yet.</summary>
    public bool IsBehind(MirrorSnapshot snapshot) => _subscription.HandledNumber < snapshot.Number;

    public void Dispose() => _subscription.Dispose();

    /// <summary>Calls of one subscription never overlap, so this is the only writer.</summary>
    private void OnChange(ObjectChange<AppInstKey, AppInst> change)
    {
        var (from, to) = (change.Old?.AppKey, change.New?.AppKey);
        if (Equals(from, to))
        {
            return;
        }

        var byApp = _byApp;
        if (from is not null && byApp.TryGetValue(from, out var left))
        {
            left = left.Remove(change.Key);
            byApp = left.IsEmpty ? byApp.Remove(from) : byApp.SetItem(from, left);
        }

        if (to is not null)
        {
            byApp = byApp.SetItem(to, (byApp.GetValueOrDefault(to) ?? []).Add(change.Key));
        }

        Volatile.Write(ref _byApp, byApp);
    }
}
