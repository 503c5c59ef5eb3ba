using Google.Protobuf;
using Notify.Core.Journal;
using Notify.Core.Sync;
using Notify.Core.Transport;
using Notify.Core.Types;
using Notify.Generator.Tests.Support;
using Notify.Testing.Tree;

namespace Notify.Generator.Tests;

/// <summary>
/// Nodes with schemas of different ages: each end has the code of its own version, and they mirror each other's objects through the
/// engine. Old and new differ by an added field, a removed one, an added reference and two added types.
/// </summary>
public sealed class SchemaVersionsTests
{
    private const string Head = """
        syntax = "proto3"; package depot.v1; option csharp_namespace = "Depot"; import "notify/options.proto";
        message SiteKey { string name = 1; }
        message RobotKey { option (notify.obj_key) = true; string name = 1; }
        message Robot { option (notify.notify_cache) = true; option (notify.notify_filter_cloudlet_key) = true; RobotKey key = 1; string model = 2; }

        """;

    private const string OldBody = """
        message BoxKey { option (notify.obj_key) = true; string name = 1; }
        message Box {
          option (notify.notify_cache) = true;
          BoxKey key = 1;
          SiteKey site = 2 [(notify.notify_scope) = true];
          uint32 weight = 3;
          string note = 4;
        }
        message Reading { option (notify.notify_cache) = true; option (notify.notify_dynamic) = true; BoxKey key = 1; uint32 celsius = 2; }
        """;

    private const string NewBody = """
        message BoxKey { option (notify.obj_key) = true; string name = 1; }
        message Box {
          option (notify.notify_cache) = true;
          BoxKey key = 1;
          SiteKey site = 2 [(notify.notify_scope) = true];
          uint32 weight = 3;
          reserved 4;
          string colour = 5;
          RobotKey robot = 6 [(notify.refers_to) = "Robot"];
        }
        message Reading { option (notify.notify_cache) = true; option (notify.notify_dynamic) = true; BoxKey key = 1; uint32 celsius = 2; uint32 humidity = 3; }
        message ShelfKey { option (notify.obj_key) = true; uint32 number = 1; }
        message Shelf { option (notify.notify_cache) = true; ShelfKey key = 1; }
        message Alarm { option (notify.notify_cache) = true; option (notify.notify_dynamic) = true; BoxKey key = 1; string text = 2; }
        """;

    private const string NewBox = """{ "key": { "name": "b" }, "site": { "name": "bern" }, "weight": 3, "colour": "red", "robot": { "name": "r2" } }""";
    private const string OldBox = """{ "key": { "name": "b" }, "site": { "name": "bern" }, "weight": 3, "note": "old" }""";
    private const string Robot = """{ "key": { "name": "r2" }, "model": "d2" }""";

    // Compiled once; the tests only read them.
    private static readonly Lazy<Schema> OldSchema = new(() => new Schema(Head + OldBody, "Depot.DepotTypes"));
    private static readonly Lazy<Schema> NewSchema = new(() => new Schema(Head + NewBody, "Depot.DepotTypes"));

    private readonly SimulatedTree _tree = new();
    private long _revision = 1;

    private static Schema Old => OldSchema.Value;

    private static Schema New => NewSchema.Value;

    [Fact]
    public void OldLeaf_OfANewController_ReadsWhatItKnows_AndKeepsTheRest()
    {
        var (hub, leaf) = Connected(New, Old);
        Commit(hub, New.Object("Robot", Robot), New.Object("Box", NewBox), New.Object("Shelf", """{ "key": { "number": 1 } }"""));

        var box = Find(leaf, Old.Object("Box", OldBox).Id);
        Assert.Equal("""{ "key": { "name": "b" }, "site": { "name": "bern" }, "weight": 3 }""", Old.Read(box));
        Assert.Equal(New.Object("Box", NewBox).Value, box.Value);
        Assert.Equal(Canonical(New, "Box", NewBox), New.Read(box));
        Assert.True(leaf.Mirror.IsSynced);
        Assert.Equal(0, leaf.Mirror.Snapshot().Count("depot.v1.Shelf"));
    }

    [Fact]
    public void OldLeaf_OfANewController_GetsWhatAnAddedReferenceBrings()
    {
        var (hub, leaf) = Connected(New, Old);
        Commit(hub, New.Object("Robot", Robot), New.Object("Box", NewBox));
        Assert.Equal(Canonical(Old, "Robot", Robot), Old.Read(Find(leaf, Old.Object("Robot", Robot).Id)));

        // The last reference goes, and with it what it brought.
        Commit(hub, New.Object("Box", """{ "key": { "name": "b" }, "site": { "name": "bern" } }"""));
        Assert.Null(leaf.Mirror.Snapshot().Find(Old.Object("Robot", Robot).Id));
    }

    [Fact]
    public void NewLeaf_OfAnOldController_ReadsDefaults_AndKeepsARemovedField()
    {
        var (hub, leaf) = Connected(Old, New);
        Commit(hub, Old.Object("Robot", Robot), Old.Object("Box", OldBox));

        var box = Find(leaf, New.Object("Box", NewBox).Id);
        Assert.Equal("""{ "key": { "name": "b" }, "site": { "name": "bern" }, "weight": 3 }""", New.Read(box));
        Assert.Equal(Canonical(Old, "Box", OldBox), Old.Read(box));

        // The old controller says of no box that it refers to a robot, so none comes.
        Assert.Null(leaf.Mirror.Snapshot().Find(New.Object("Robot", Robot).Id));
    }

    [Fact]
    public void NewLeaf_OfAnOldController_IsNotHeldUpByATypeThatNobodyHas()
    {
        var (hub, leaf) = Connected(Old, New);
        Commit(hub, Old.Object("Box", OldBox));

        Assert.True(leaf.Mirror.IsSynced);
        Assert.NotNull(leaf.Mirror.Snapshot().Find(Old.Object("Box", OldBox).Id));
        Assert.Equal(0, leaf.Mirror.Snapshot().Count("depot.v1.Shelf"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DynamicObjects_OfALeafOfTheOtherVersion_ArriveWhole(bool leafIsNew)
    {
        var (above, below) = leafIsNew ? (Old, New) : (New, Old);
        var (hub, leaf) = Connected(above, below);
        var reading = below.Object("Reading", leafIsNew ? """{ "key": { "name": "b" }, "celsius": 20, "humidity": 40 }""" : """{ "key": { "name": "b" }, "celsius": 20 }""");

        leaf.Mirror.Publish([reading], []);
        _tree.Settle();

        var arrived = Find(hub, reading.Id);
        Assert.Equal(reading.Value, arrived.Value);
        Assert.Equal("""{ "key": { "name": "b" }, "celsius": 20 }""", above.Read(arrived));
    }

    [Fact]
    public void AddedDynamicType_PassesThroughAnOldController()
    {
        var (hub, publisher) = Connected(Old, New);
        var reader = Leaf("reader", New);
        _tree.Connect(reader, hub);
        _tree.Settle();
        var alarm = New.Object("Alarm", """{ "key": { "name": "b" }, "text": "hot" }""");

        publisher.Mirror.Publish([alarm], []);
        _tree.Settle();

        Assert.Equal(alarm.Value, Find(hub, alarm.Id).Value);
        Assert.Equal(Canonical(New, "Alarm", """{ "key": { "name": "b" }, "text": "hot" }"""), New.Read(Find(reader, alarm.Id)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void UnknownFields_SurviveARoundTripThroughTheOtherVersion(bool writerIsNew)
    {
        var (writer, editor) = writerIsNew ? (New, Old) : (Old, New);
        var json = writerIsNew ? NewBox : OldBox;
        var written = writer.Object("Box", json);

        // As a user edits: decode, clone, change a field that both know, describe.
        var edited = editor["Box"].Descriptor.Parser.ParseFrom(((CompiledObjectType)editor["Box"]).Decode(written).ToByteString());
        editor["Box"].Descriptor.FindFieldByName("weight").Accessor.SetValue(edited, 9u);
        var back = editor["Box"].Describe(edited);

        Assert.Equal(written.Id, back.Id);
        Assert.Equal(Canonical(writer, "Box", json.Replace("\"weight\": 3", "\"weight\": 9", StringComparison.Ordinal)), writer.Read(back));
        Assert.Equal(written.Scopes.AsEnumerable(), back.Scopes.AsEnumerable());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void DescriptorSetOfTheOtherVersion_KeepsTheBytes(bool writerIsNew)
    {
        var (writer, reader) = writerIsNew ? (New, Old) : (Old, New);
        var written = writer.Object("Box", writerIsNew ? NewBox : OldBox);

        var read = reader.Described.Single(type => type.Name == "depot.v1.Box").Read(written.Value);

        Assert.Equal((written.Id, written.Value), (read.Id, read.Value));
        Assert.Equal(reader["Box"].Read(written.Value), read);
    }

    [Fact]
    public void AddedReference_IsReadOffByTheNewVersionAlone()
    {
        var value = New.Object("Box", NewBox).Value;
        Assert.Equal([New.Object("Robot", Robot).Id], New["Box"].Read(value).References.AsEnumerable());
        Assert.Empty(Old["Box"].Read(value).References);
    }

    [Theory]
    [InlineData("string name = 1; uint32 shelf = 2;")]
    [InlineData("uint32 name = 1;")]
    [InlineData("string name = 2;")]
    public void KeyOfAnotherShape_EndsTheSession_AndNamesTheType(string fields)
    {
        var other = new Schema(Head + OldBody.Replace("string name = 1; }", fields + " }", StringComparison.Ordinal), "Depot.DepotTypes");
        var hub = Hub(Old);
        var link = _tree.Connect(Leaf("leaf", other), hub);
        _tree.Settle();

        Assert.Equal(GrpcStatusCode.FailedPrecondition, link.ClientEnd?.Code);
        Assert.Contains("depot.v1.Box: has another key message here than at the peer; deploy nodes with the same proto files.", link.ClientEnd!.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("option (notify.notify_dynamic) = true;", "", "depot.v1.Reading: is Dynamic here and Stored at the peer")]
    [InlineData("[(notify.notify_scope) = true]", "", "depot.v1.Box: has scope type 'depot.v1.SiteKey' here and no scope at the peer")]
    public void KindOrScopeOfAnotherVersion_EndsTheSession_AndNamesTheType(string option, string instead, string problem)
    {
        var link = _tree.Connect(Leaf("leaf", new Schema(Head + OldBody.Replace(option, instead, StringComparison.Ordinal), "Depot.DepotTypes")), Hub(Old));
        _tree.Settle();

        Assert.Equal(new(GrpcStatusCode.FailedPrecondition, problem + "; deploy nodes with the same proto files."), link.ClientEnd);
    }

    [Fact]
    public void KeyFieldOfTheSameWireShape_IsNoConflict_AndNamesTheSameObject()
    {
        var bytes = new Schema(Head + OldBody.Replace("string name = 1; }", "bytes name = 1; }", StringComparison.Ordinal), "Depot.DepotTypes");
        var hub = Hub(bytes);
        var leaf = Leaf("leaf", Old);
        _tree.Connect(leaf, hub);
        _tree.Settle();
        var text = bytes.Object("Box", $$"""{ "key": { "name": "{{Convert.ToBase64String("b"u8)}}" }, "site": { "name": "bern" } }""");
        var binary = bytes.Object("Box", """{ "key": { "name": "/w==" }, "site": { "name": "bern" } }""");

        Commit(hub, text, binary);

        Assert.Equal(Old.Object("Box", OldBox).Id, text.Id);
        Assert.Equal([text.Id, binary.Id], leaf.Mirror.Snapshot().List("depot.v1.Box").Select(box => box.Id));
        Assert.Equal(binary.Value, Find(leaf, binary.Id).Value);

        // What is no text is the same object everywhere, and reads badly with the old code alone.
        Assert.Contains("\uFFFD", Old["Box"].DecodeKey(binary.Id.Key).ToString(), StringComparison.Ordinal);
    }

    private static Envelope Find(SimulatedNode node, ObjectId id) => node.Mirror.Snapshot().Find(id) ?? throw new InvalidOperationException($"{node.Name} has no {id}.");

    private static string Canonical(Schema schema, string type, string json) => schema.Parse(type, json).ToString()!;

    private (SimulatedNode Hub, SimulatedNode Leaf) Connected(Schema above, Schema below)
    {
        var (hub, leaf) = (Hub(above), Leaf("leaf", below));
        _tree.Connect(leaf, hub);
        _tree.Settle();
        return (hub, leaf);
    }

    private SimulatedNode Hub(Schema schema)
    {
        var hub = Node("hub", schema, isHub: true);
        hub.Mirror.LoadStore(new Space("store", "1"), _revision, []);
        hub.Hub!.Tick(_tree.NowMs);
        return hub;
    }

    /// <summary>Interested in the boxes of bern and the robots they refer to, and in all of every other type that its version has.</summary>
    private SimulatedNode Leaf(string name, Schema schema)
    {
        var leaf = Node(name, schema, isHub: false);
        var site = new Scope("depot.v1.SiteKey", ByteString.CopyFrom([0x0a, 4, .. "bern"u8]));
        leaf.SetInterest(_ => schema.Types.Select(type => type.Name).Aggregate(Interest.None, (interest, type) => interest.With(type, type switch
        {
            "depot.v1.Box" => Selector.In(site),
            "depot.v1.Robot" => Selector.Referred,
            _ => Selector.All,
        })));
        return leaf;
    }

    private SimulatedNode Node(string name, Schema schema, bool isHub)
    {
        var node = _tree.Add(new SimulatedNode(name, name, _tree.NowMs, [], isHub));
        node.Mirror.Types.Register(schema.Types);
        return node;
    }

    private void Commit(SimulatedNode hub, params Envelope[] objects)
    {
        _revision++;
        hub.Mirror.ApplyStoreCommit(_revision, [.. objects.Select(one => one with { Revision = _revision })], []);
        _tree.Settle();
    }
}
