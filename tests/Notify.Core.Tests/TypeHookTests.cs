using Google.Protobuf.WellKnownTypes;
using Notify.Core.Journal;
using Notify.Core.Sessions;
using Notify.Core.Types;
using Notify.Testing.Tree;

namespace Notify.Core.Tests;

/// <summary>What the hooks of a type, and its wish to have its traffic logged, do at the nodes that have its code.</summary>
public sealed class TypeHookTests
{
    private readonly SimulatedTree _tree = new();
    private readonly GaugeType _type = new();

    [Fact]
    public void CustomUpdate_LeavesOutWhatTheHookCallsNone()
    {
        var (hub, leaf) = Connected();

        Publish(leaf, "a", 1.0);
        Publish(leaf, "a", 1.01);
        _tree.Settle();
        Assert.Equal(1.0, ValueAt(hub, "a"));

        Publish(leaf, "a", 1.5);
        _tree.Settle();
        Assert.Equal(1.5, ValueAt(hub, "a"));

        // Compared with what was published last, not with what was offered last; and a first version is always one.
        Publish(leaf, "a", 1.55);
        Publish(leaf, "a", 1.61);
        Publish(leaf, "b", 0.001);
        _tree.Settle();
        Assert.Equal(1.61, ValueAt(hub, "a"));
        Assert.Equal(0.001, ValueAt(hub, "b"));
    }

    [Fact]
    public void ReceiveHook_RunsForWhatComesFromAnotherNode_OnceCommitted()
    {
        var (hub, leaf) = Connected();
        var seen = new List<(double Value, bool IsThere)>();
        _type.Received = value => seen.Add((value, ValueAt(hub, "a") == value));

        hub.Mirror.Publish([_type.Describe(Gauge("own", 7))], []);
        Publish(leaf, "a", 1);
        _tree.Settle();

        Assert.Equal([(1, true)], seen);
    }

    [Fact]
    public void ReceiveHook_ThatThrows_RejectsItsChangeAlone()
    {
        var (hub, leaf) = Connected();
        _type.Received = value => _ = value > 1 ? throw new InvalidOperationException("too much") : 0;

        Publish(leaf, "a", 1);
        Publish(leaf, "b", 2);
        _tree.Settle();

        Assert.Equal(_type.IdOf(new StringValue { Value = "b" }), Assert.Single(hub.Mirror.Rejections()).Id);
    }

    [Fact]
    public void LoggedTraffic_IsNotedAtBothEnds()
    {
        var hub = Node("hub", isHub: true);
        var leaf = Node("leaf", isHub: false);
        var link = _tree.Connect(leaf, hub);
        var sent = new List<ObjectTraffic>();
        var received = new List<ObjectTraffic>();
        link.Client.Traffic += sent.Add;
        link.Server.Traffic += received.Add;

        Publish(leaf, "a", 1);
        _tree.Settle();
        leaf.Mirror.Publish([], [_type.IdOf(new StringValue { Value = "a" })]);
        _tree.Settle();

        var id = _type.IdOf(new StringValue { Value = "a" });
        Assert.Equal([new(true, id, false, 1), new(true, id, true, 2)], sent);
        Assert.Equal([new(false, id, false, 1), new(false, id, true, 2)], received);
    }

    private (SimulatedNode Hub, SimulatedNode Leaf) Connected()
    {
        var (hub, leaf) = (Node("hub", isHub: true), Node("leaf", isHub: false));
        _tree.Connect(leaf, hub);
        _tree.Settle();
        return (hub, leaf);
    }

    private SimulatedNode Node(string name, bool isHub)
    {
        var node = _tree.Add(new SimulatedNode(name, name, _tree.NowMs, [_type.Declaration], isHub));
        node.Mirror.Types.Register([_type]);
        node.Mirror.RunReceiveHooks();
        if (isHub)
        {
            node.Mirror.LoadStore(new Space("store", "1"), 1, []);
        }

        return node;
    }

    private void Publish(SimulatedNode node, string name, double value) => node.Mirror.Publish([_type.Describe(Gauge(name, value))], []);

    private double? ValueAt(SimulatedNode node, string name) =>
        node.Mirror.Snapshot().Find(_type.IdOf(new StringValue { Value = name })) is { } envelope
            ? _type.DecodeObject(envelope).Fields["value"].NumberValue
            : null;

    private static Struct Gauge(string name, double value) =>
        new() { Fields = { ["name"] = Value.ForString(name), ["value"] = Value.ForNumber(value) } };

    /// <summary>As the generator would write it, with every option that is about hooks.</summary>
    private sealed class GaugeType : ObjectType<StringValue, Struct>
    {
        public GaugeType()
            : base(
                new TypeDeclaration("google.protobuf.Struct", TypeKind.Dynamic, KeyLayout.FromDescriptor(StringValue.Descriptor)),
                StringValue.Parser,
                Struct.Parser)
        {
            HasUpdateHook = true;
            HasReceiveHook = true;
            LogsTraffic = true;
        }

        public Action<double> Received { get; set; } = static _ => { };

        public override StringValue KeyOf(Struct obj) => new() { Value = obj.Fields["name"].StringValue };

        public override bool IsUpdate(Envelope before, Envelope after) =>
            Math.Abs(DecodeObject(before).Fields["value"].NumberValue - DecodeObject(after).Fields["value"].NumberValue) > 0.1;

        public override void OnReceived(Envelope received) => Received(DecodeObject(received).Fields["value"].NumberValue);

        protected override void DescribeLinks(Struct obj, EnvelopeBuilder envelope)
        {
        }
    }
}
