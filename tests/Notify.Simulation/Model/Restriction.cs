using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Model;

/// <summary>
/// What DESIGN says a node has of a state: objects that a selector of their type chooses, where "referred" means what the objects in any of
/// the interest's scopes refer to, directly or through others, and that has no scope of its own. Computed anew each time, from nothing but
/// the objects.
/// </summary>
internal static class Restriction
{
    /// <param name="objects">The state.</param>
    /// <param name="follows">True when objects of the first type are declared to refer to the second.</param>
    /// <param name="interest">What the node asks for.</param>
    public static HashSet<ObjectId> Of(IReadOnlyDictionary<ObjectId, Envelope> objects, Func<string, string, bool> follows, InterestPlan interest)
    {
        var referred = Referred(objects, follows, interest);
        var wanted = new HashSet<ObjectId>();
        foreach (var envelope in objects.Values)
        {
            foreach (var (type, selector) in interest.Items)
            {
                if (type == envelope.Id.Type && IsChosen(envelope, selector, referred))
                {
                    wanted.Add(envelope.Id);
                    break;
                }
            }
        }

        return wanted;
    }

    private static bool IsChosen(Envelope envelope, Selector selector, HashSet<ObjectId> referred) => selector.Kind switch
    {
        SelectorKind.All => true,
        SelectorKind.Key => selector.Key.Equals(envelope.Id.Key),
        SelectorKind.Scope => envelope.Scopes.Contains(selector.Scope),
        SelectorKind.Referred => referred.Contains(envelope.Id),
        _ => false,
    };

    private static HashSet<ObjectId> Referred(
        IReadOnlyDictionary<ObjectId, Envelope> objects, Func<string, string, bool> follows, InterestPlan interest)
    {
        var referred = new HashSet<ObjectId>();
        var scopes = interest.Items.Where(item => item.Selector.Kind == SelectorKind.Scope).Select(item => item.Selector.Scope).ToHashSet();
        var open = new Stack<Envelope>(scopes.Count == 0 ? [] : objects.Values.Where(envelope => envelope.Scopes.Any(scopes.Contains)));
        while (open.TryPop(out var from))
        {
            foreach (var id in from.References)
            {
                if (follows(from.Id.Type, id.Type)
                    && objects.TryGetValue(id, out var target)
                    && target.Scopes.IsEmpty
                    && referred.Add(id))
                {
                    open.Push(target);
                }
            }
        }

        return referred;
    }
}
