using Notify.Core.Caches;
using Notify.Testing.Tree;

namespace Notify.Core.Tests;

/// <summary>Notes every call of a handler: one list of changes per call, as text.</summary>
internal sealed class Recorder
{
    public Recorder(SimulatedNode node, bool fromNow = true) =>
        Subscription = node.Mirror.Subscribe(Note, fromNow ? node.Mirror.Snapshot() : null);

    public MirrorSubscription Subscription { get; }

    public List<MirrorChange> Calls { get; } = [];

    /// <summary>All changes in order: "+App/web=a" appeared, "~App/web=b" changed, "-App/web" went.</summary>
    public IEnumerable<string> Events => Calls.SelectMany(call => call.Changes).Select(Text);

    public static string Text(ObjectChange change)
    {
        var name = $"{change.Id.Type[2..]}/{TestTypes.Name(change.Id)}";
        return change.New is null ? "-" + name : $"{(change.Old is null ? '+' : '~')}{name}={change.New.Value.ToStringUtf8()}";
    }

    private void Note(MirrorChange change) => Calls.Add(change);
}
