using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Testing.Tree;
using Stamp = Notify.Core.Protocol.Stamp;
using TypeDeclaration = Notify.Core.Types.TypeDeclaration;
using TypeKind = Notify.Core.Types.TypeKind;

namespace Notify.Core.Tests;

/// <summary>A client that sends what it likes: frame by frame, right or wrong.</summary>
internal sealed class RawPeer
{
    private readonly SimulatedTree _tree;
    private ulong _number;

    public RawPeer(Scenario scenario, string name = "raw", SimulatedNode? above = null)
    {
        (_tree, Name) = (scenario.Tree, name);
        var hub = above ?? scenario.Hub;
        Session = new ServerSession(hub.Mirror, hub.Hub!, hub.Settings, hub.Router, "raw address", static () => { }, _tree.NowMs);
    }

    public string Name { get; }

    public ServerSession Session { get; }

    /// <summary>What the server has sent.</summary>
    public List<Frame> Received { get; } = [];

    /// <summary>A handshake that is right; change it to make it wrong.</summary>
    public Hello Hello(Action<Hello>? change = null)
    {
        var hello = new Hello
        {
            Node = Name,
            Process = "raw process",
            Role = "test",
            Attachment = 1,
            SilenceMs = 15_000,
            DynamicSpace = new Protocol.Space { Kind = SpaceKind.Dynamic, Id = Name, Incarnation = "1" },
        };
        hello.Versions.Add(1);
        hello.Types_.Add(TestTypes.All.Select((type, index) => WireTypes.ToWire(DeclaredAs(type, index + 1))));
        change?.Invoke(hello);
        return hello;
    }

    public RawPeer Open(Action<Hello>? change = null)
    {
        Send(new Frame { Hello = Hello(change) });
        Assert.Equal(Frame.KindOneofCase.Welcome, Received[0].KindCase);
        return this;
    }

    public void Send(Frame frame, int skip = 0)
    {
        frame.Number = (ulong)((long)_number + 1 + skip);
        _number = frame.Number;
        SendBytes(frame.ToByteArray());
    }

    public void SendBytes(byte[] bytes)
    {
        Session.Receive(bytes, _tree.NowMs);
        Pump();
    }

    /// <summary>Takes out what the server has to send.</summary>
    public void Pump()
    {
        while (Session.TryWrite(_tree.NowMs, out var written))
        {
            Received.Add(Frame.Parser.ParseFrom(written.Span));
        }
    }

    public void Tick() => Session.Tick(_tree.NowMs);

    public void Begin(long changes = 100, SpaceKind kind = SpaceKind.Dynamic, long revision = 1) => Send(new Frame
    {
        BundleBegin = new BundleBegin
        {
            Space = new Protocol.Space { Kind = kind, Id = Name, Incarnation = "1" },
            Revision = revision,
            Changes = changes,
        },
    });

    public void Changes(params Change[] changes)
    {
        var frame = new BundleChanges { Space = SpaceKind.Dynamic };
        frame.Changes.Add(changes);
        Send(new Frame { BundleChanges = frame });
    }

    public void End(long revision = 1, SpaceKind kind = SpaceKind.Dynamic)
    {
        var end = new BundleEnd { Space = kind, Revision = revision };
        end.Items.Add(TestTypes.All.Select((type, index) => (type, index)).Where(type => type.type.Kind == TypeKind.Dynamic)
            .Select(type => new ItemState { Number = (uint)type.index + 1, Completeness = Protocol.Completeness.Complete }));
        Send(new Frame { BundleEnd = end });
    }

    /// <summary>A change that is right; change it to make it wrong.</summary>
    public Change Change(string type, string name, Action<Change>? change = null)
    {
        var made = new Change
        {
            Type = NumberOf(type),
            Key = TestTypes.Key(name),
            Revision = 1,
            Stamp = new Stamp { Node = Name, Attachment = 1, Revision = 1 },
            Value = ByteString.CopyFromUtf8("value"),
        };
        change?.Invoke(made);
        return made;
    }

    /// <summary>Declares a type under a number of its own.</summary>
    public static Frame Declare(string type, Protocol.TypeKind kind) => new()
    {
        Declare = new Declare { Types_ = { new Protocol.TypeDeclaration { Number = 50, Name = type, Kind = kind } } },
    };

    /// <summary>A change of interest that adds items of these numbers.</summary>
    public static Frame Interested(uint change, params uint[] items)
    {
        var interest = new InterestChange { Number = change };
        interest.Add.Add(items.Select(number => WireTypes.ToWire(number, TestTypes.Flavor, Core.Sync.Selector.All)));
        return new Frame { InterestChange = interest };
    }

    public static uint NumberOf(string type) => (uint)TestTypes.All.Select(one => one.Name).ToList().IndexOf(type) + 1;

    private static Types.CacheType DeclaredAs(TypeDeclaration type, int number) => new(number, type, objectType: null);
}
