using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Testing.Tree;

namespace Notify.Core.Tests;

/// <summary>What a mirror should hold, computed from the objects and the interest alone: plain searches, nothing of the engine.</summary>
internal static class MirrorOracle
{
    /// <summary>The objects of one space that an interest asks for.</summary>
    /// <param name="objects">All objects of the space.</param>
    /// <param name="interest">The interest, with the scopes of both spaces.</param>
    public static IEnumerable<Envelope> Wanted(IReadOnlyCollection<Envelope> objects, Interest interest)
    {
        var referred = Referred(objects, interest);
        return objects.Where(one => interest.Items.Any(item => item.Type == one.Id.Type && item.Selector.Kind switch
        {
            SelectorKind.All => true,
            SelectorKind.Key => item.Selector.Key.Equals(one.Id.Key),
            SelectorKind.Scope => one.Scopes.Contains(item.Selector.Scope),
            SelectorKind.Referred => referred.Contains(one.Id),
            _ => false,
        }));
    }

    public static string[] Text(IEnumerable<Envelope> objects) =>
    [
        .. objects.Select(one => $"{one.Id.Type[2..]}/{TestTypes.Name(one.Id)}={one.Value.ToStringUtf8()}").Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>What objects in the interest's scopes refer to, through any number of others, and that has no scope of its own.</summary>
    private static HashSet<ObjectId> Referred(IReadOnlyCollection<Envelope> objects, Interest interest)
    {
        var byId = objects.ToDictionary(one => one.Id);
        var scopes = interest.Items.Where(item => item.Selector.Kind == SelectorKind.Scope).Select(item => item.Selector.Scope).ToHashSet();
        var open = new Queue<Envelope>(objects.Where(one => one.Scopes.Any(scopes.Contains)));
        var found = new HashSet<ObjectId>();
        while (open.TryDequeue(out var referrer))
        {
            foreach (var target in referrer.References)
            {
                if (byId.TryGetValue(target, out var one) && one.Scopes.IsEmpty && found.Add(target))
                {
                    open.Enqueue(one);
                }
            }
        }

        return found;
    }
}
