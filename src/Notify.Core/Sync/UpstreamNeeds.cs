using Notify.Core.Types;

namespace Notify.Core.Sync;

/// <summary>
/// What a relay has to have from above before it can answer an item of a node below: the item, and of what is asked for by reference all that can
/// refer to it, since the relay finds references in its own lanes. Knows declarations, no types. Guarded by the lock of the mirror.
/// </summary>
internal sealed class UpstreamNeeds(TypeTable types)
{
    private readonly Dictionary<string, CacheType[]> _referrers = new(StringComparer.Ordinal);
    private (int FollowVersion, int Count) _madeOf = (-1, 0);

    /// <summary>The declarations that this was made of, as a number that grows with them.</summary>
    public (int FollowVersion, int Count) Version => (types.FollowVersion, types.All.Length);

    /// <summary>The items that one item of an interest with these scopes needs, itself first.</summary>
    public IEnumerable<(string Type, Selector Selector)> Of(string type, Selector selector, IReadOnlyCollection<Scope> scopes)
    {
        yield return (type, selector);
        if (selector.Kind != SelectorKind.Referred)
        {
            yield break;
        }

        foreach (var referrer in Referrers(type))
        {
            // An object of a scoped type that has no scope itself comes by reference, as those of other types do.
            yield return (referrer.Name, Selector.Referred);
            foreach (var scope in scopes.Where(scope => scope.Type == referrer.Declaration.ScopeType))
            {
                yield return (referrer.Name, Selector.In(scope));
            }
        }
    }

    /// <summary>The items that a whole interest needs.</summary>
    public HashSet<(string Type, Selector Selector)> Of(IEnumerable<SenderItem> items)
    {
        var all = items.Where(item => item.Selector.Kind != SelectorKind.Named).ToArray();
        var scopes = all.Where(item => item.Selector.Kind == SelectorKind.Scope).Select(item => item.Selector.Scope).ToHashSet();
        return [.. all.SelectMany(item => Of(item.Type, item.Selector, scopes))];
    }

    /// <summary>The types of the same space whose objects refer to those of a type, directly or through others.</summary>
    private CacheType[] Referrers(string type)
    {
        if (_madeOf != Version)
        {
            _referrers.Clear();
            _madeOf = Version;
        }

        if (!_referrers.TryGetValue(type, out var referrers))
        {
            _referrers.Add(type, referrers = Find(type));
        }

        return referrers;
    }

    private CacheType[] Find(string type)
    {
        var isDynamic = types.Find(type) is { IsDynamic: true };
        var found = new HashSet<CacheType>();
        var open = new Queue<string>([type]);
        while (open.TryDequeue(out var target))
        {
            foreach (var referrer in types.All.Where(one => one.IsDynamic == isDynamic && one.Name != type && one.Followed.Contains(target)))
            {
                if (found.Add(referrer))
                {
                    open.Enqueue(referrer.Name);
                }
            }
        }

        return [.. found];
    }
}
