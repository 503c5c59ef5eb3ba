using Notify.Core.Sessions;
using Notify.Core.Sync;
using Notify.Core.Types;
using Notify.Testing.Tree;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests;

/// <summary>Two controllers over one store, and nodes that publish shared objects through them.</summary>
public abstract class SharedTree
{
    private protected readonly SimulatedTree _tree = new();
    private protected readonly SimulatedStore _store = new(WithShared);
    private protected readonly SimulatedController _first;
    private protected readonly SimulatedController _second;
    private protected readonly SimulatedNode _owner;
    private protected readonly SimulatedNode _reader;
    private protected readonly Recorder _seen;
    private int _processes;

    private protected SharedTree()
    {
        (_first, _second) = (Controller("first"), Controller("second"));
        _owner = Leaf("owner");
        _reader = Leaf("reader");
        _reader.SetInterest(none => none.With(Report, Selector.All).With(Seal, Selector.All));
        _seen = new Recorder(_reader);
        Connect(_reader, _second);
    }

    private protected IEnumerable<string> Stored => _store.Objects(Report).Concat(_store.Objects(Seal)).Select(envelope => $"{Name(envelope.Id)}={envelope.Value.ToStringUtf8()}").Order(StringComparer.Ordinal);

    private protected SimulatedController Controller(string name, HubOptions? options = null)
    {
        var node = _tree.Add(new SimulatedNode(name, $"process-{++_processes}", _tree.NowMs, WithShared, isHub: true, hub: options));
        node.Hub!.Tick(_tree.NowMs);
        var controller = _tree.Add(new SimulatedController(node, _store, _tree.NowMs));
        _tree.Settle();
        return controller;
    }

    private protected SimulatedNode Leaf(string name) =>
        _tree.Add(new SimulatedNode(name, $"process-{++_processes}", _tree.NowMs, WithShared, isHub: false));

    private protected SimulatedLink Connect(SimulatedNode below, SimulatedController above)
    {
        var link = _tree.Connect(below, above.Node);
        _tree.Settle();
        return link;
    }

    private protected void Publish(SimulatedNode node, params Envelope[] upserts)
    {
        node.Mirror.Publish(upserts, []);
        _tree.Settle();
    }

    private protected void Unpublish(SimulatedNode node, params ObjectId[] ids)
    {
        node.Mirror.Publish([], ids);
        _tree.Settle();
    }

    private protected void SayGoodbye(SimulatedNode node)
    {
        _tree.Links.Single(link => link.Below == node).Client.SayGoodbye("The node stops.");
        _tree.Settle();
    }

    /// <summary>The controller dies, and the node below notices.</summary>
    private protected void Kill(SimulatedLink link, SimulatedController controller)
    {
        controller.IsFrozen = true;
        link.CutBelow(_tree.NowMs);
        _tree.Kill(controller.Node);
        _tree.Settle();
    }
}
