using Microsoft.CodeAnalysis;
using Notify.Annotations;
using Notify.Edge;
using Notify.Generator.Tests.Shop;
using Notify.Generator.Tests.Support;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Notify.Generator.Tests;

/// <summary>Each mistake has its rule, and its text says where it is and what to do.</summary>
public sealed class DiagnosticsTests
{
    [Fact]
    public void ValidModels_HaveNoProblems()
    {
        Assert.Empty(GeneratorRun.Of(ShopReflection.Descriptor).Diagnostics);
        Assert.Empty(GeneratorRun.Of([.. EdgeFiles()]).Diagnostics);
    }

    [Fact]
    public void Place_OfEachProblem_IsTheDeclarationInTheProtoFile()
    {
        var problem = Assert.Single(GeneratorRun.Of(new SchemaFile().Cache("Item").Message("Order", Caches)).Diagnostics);

        var place = problem.Location.GetLineSpan();
        Assert.Equal("/project/protos/test.proto", place.Path);
        Assert.Equal(29, place.StartLinePosition.Line);
        Assert.Equal("docs/annotations.md#ntfy003", problem.Descriptor.HelpLinkUri);
        Assert.Equal(DiagnosticSeverity.Error, problem.Severity);
    }

    [Fact]
    public void Problem_OfOneType_LeavesTheOthersWritten()
    {
        var run = GeneratorRun.Of(new SchemaFile().Cache("Item").Message("Order", Caches));

        Assert.Equal(["Test.TestTypes.g.cs", "test.Item.g.cs"], run.Sources.Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("Order", run.Sources["Test.TestTypes.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void Problem_InAnImportedFile_IsLeftToItsOwnProject()
    {
        var imported = new SchemaFile("imported.proto", "imported").Message("Order", Caches);
        var own = new SchemaFile().Import(imported).Cache("Item");

        var text = GeneratorRun.TextOf([imported.Proto, own.Proto]).Replace("file|imported.proto|Public|/project/protos/imported.proto\n", "", StringComparison.Ordinal);
        var run = GeneratorRun.OfText(text);

        Assert.Empty(run.Diagnostics);
        Assert.Equal(["Test.TestTypes.g.cs", "test.Item.g.cs"], run.Sources.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Ntfy001_NoTextAndNoTargets_SaysToImportThem() =>
        AssertOne(
            GeneratorRun.OfText(null, hasTargets: false),
            "NTFY001",
            "notify.descriptors.txt: the generator got no descriptor set. Import Notify.Generator.targets into the project after Grpc.Tools; it makes one of all Protobuf items.",
            DiagnosticSeverity.Warning);

    [Fact]
    public void Project_WithTargetsAndWithoutProtos_HasNothingToSay() => Assert.Empty(GeneratorRun.OfText(null).Diagnostics);

    [Theory]
    [InlineData("file|test.proto|Public|/test.proto\nthis is no base64", "The input is not a valid Base-64 string")]
    [InlineData("file|test.proto|Public|/test.proto\nCv////8=", "While parsing a protocol message")]
    public void Ntfy002_UnreadableText_SaysToMakeItAgain(string text, string reason)
    {
        var problem = Assert.Single(GeneratorRun.OfText(text).Diagnostics);
        Assert.Equal("NTFY002", problem.Id);
        Assert.Contains(reason, problem.GetMessage(), StringComparison.Ordinal);
        Assert.EndsWith("Make it again with protoc --include_imports --descriptor_set_out; in a build, clean the project.", problem.GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ntfy002_SetWithoutImports_NamesTheMissingFile()
    {
        var problem = Assert.Single(GeneratorRun.OfText(GeneratorRun.TextOf([new SchemaFile().Cache("Item").Proto], imported: [])).Diagnostics);
        Assert.Equal("NTFY002", problem.Id);
        Assert.Contains("test.proto imports notify/options.proto, which is not in the set.", problem.GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void Ntfy003_CacheWithoutKey_SaysHowToGetOne() =>
        AssertOne(
            new SchemaFile().Message("Order", message => message.Set(OptionsExtensions.NotifyCache).Text("name", 1)),
            "NTFY003",
            "test.Order (test.proto) is a cache type without a key. Give it a field whose message has the option obj_key, or set obj_and_key, singular_data or custom_key_type.");

    [Fact]
    public void Ntfy004_KeyFieldOfAnotherMessage_NamesIt() =>
        AssertOne(
            new SchemaFile().Message("OrderKey", message => message.Text("name", 1))
                .Message("Order", message => message.Set(OptionsExtensions.NotifyCache).Holding("key", 1, "OrderKey")),
            "NTFY004",
            "test.Order.key (test.proto) looks like the key, but its type test.OrderKey is not a message with the option obj_key. Set obj_key on the key message, or rename the field.");

    [Fact]
    public void Ntfy004_KeyFieldOfAString_NamesIt() =>
        AssertOne(
            new SchemaFile().Message("Order", message => message.Set(OptionsExtensions.NotifyCache).Text("key", 1)),
            "NTFY004",
            "test.Order.key (test.proto) looks like the key, but its type String is not a message with the option obj_key. Set obj_key on the key message, or rename the field.");

    [Fact]
    public void Ntfy005_SeveralKeyFields_ListsThem() =>
        AssertOne(
            new SchemaFile().Key("ItemKey")
                .Message("Order", message => message.Set(OptionsExtensions.NotifyCache).Holding("first", 1, "ItemKey").Holding("second", 2, "ItemKey")),
            "NTFY005",
            "test.Order (test.proto) has more than one key: first, second. Name the key field \"key\", and set only one of obj_and_key, singular_data and custom_key_type.");

    [Fact]
    public void Ntfy005_SeveralKeyOptions_ListsThem() =>
        AssertOne(
            new SchemaFile().Message("Order", message =>
                message.Set(OptionsExtensions.NotifyCache).Set(OptionsExtensions.ObjAndKey).Set(OptionsExtensions.SingularData).Text("name", 1)),
            "NTFY005",
            "test.Order (test.proto) has more than one key: obj_and_key, singular_data. Name the key field \"key\", and set only one of obj_and_key, singular_data and custom_key_type.");

    [Fact]
    public void Ntfy006_KeyThatContainsItself_IsRefused() =>
        AssertOne(
            new SchemaFile().Message("OrderKey", message => message.Set(OptionsExtensions.ObjKey).Holding("parent", 1, "OrderKey"))
                .Message("Order", message => message.Set(OptionsExtensions.NotifyCache).Holding("key", 1, "OrderKey")),
            "NTFY006",
            "test.Order (test.proto): test.OrderKey cannot be a key, because it contains test.OrderKey, which contains itself. A key has a fixed depth, no groups and no oneofs.");

    [Fact]
    public void Ntfy007_UnknownCustomKey_NamesIt() =>
        AssertOne(
            new SchemaFile().Message("Order", message => message.Set(OptionsExtensions.NotifyCache).Set(OptionsExtensions.CustomKeyType, "Nobody")),
            "NTFY007",
            "test.Order (test.proto): custom_key_type names Nobody, which is no message here. Write its full name and import its file.");

    [Fact]
    public void Ntfy008_CacheAndMessage_SaysToRemoveOne() =>
        AssertOne(
            new SchemaFile().Cache("Order", message => message.Set(OptionsExtensions.NotifyMessage)),
            "NTFY008",
            "test.Order (test.proto) has both notify_cache and notify_message. State is mirrored or sent once: remove one, or split the message in two.");

    [Fact]
    public void Ntfy009_DynamicAndShared_SaysWhatEachMeans() =>
        AssertOne(
            new SchemaFile().Cache("Order", message => message.Set(OptionsExtensions.NotifyDynamic).Set(OptionsExtensions.NotifyShared)),
            "NTFY009",
            "test.Order (test.proto) has both notify_dynamic and notify_shared. Remove notify_dynamic to publish it through the store, or notify_shared to keep it with its owner.");

    [Fact]
    public void Ntfy010_FlushOfAStoredType_Warns() =>
        AssertOne(
            new SchemaFile().Cache("Order", message => message.Proto.Options.SetExtension(OptionsExtensions.NotifyFlush, false)),
            "NTFY010",
            "test.Order (test.proto): notify_flush has no effect, because stored objects belong to no session. Remove it, or add notify_dynamic or notify_shared.",
            DiagnosticSeverity.Warning);

    [Fact]
    public void Ntfy010_KindOfNoCacheType_Warns() =>
        AssertOne(
            new SchemaFile().Message("Order", message => message.Set(OptionsExtensions.NotifyShared).Text("name", 1)),
            "NTFY010",
            "test.Order (test.proto): notify_shared has no effect, because the message is no cache type. Remove it, or add notify_cache.",
            DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("Nobody", "is no message here")]
    [InlineData("ItemKey", "is no cache type")]
    public void Ntfy011_UnknownReference_NamesIt(string target, string reason) =>
        AssertOne(
            new SchemaFile().Cache("Item").Cache("Order", message => message.Holding("item", 2, "ItemKey", refersTo: target)),
            "NTFY011",
            $"test.Order.item (test.proto) refers to {target}, which {reason}. Write the full name of a message with notify_cache and import its file, or list it in ignore_refers_to.");

    [Fact]
    public void Ntfy011_UnknownTargetOfATemplate_NamesIt() =>
        AssertOne(
            new SchemaFile().Cache("Order", message => message.Template("Nobody", "name = key.name")),
            "NTFY011",
            "test.Order (test.proto) refers to Nobody, which is no message here. Write the full name of a message with notify_cache and import its file, or list it in ignore_refers_to.");

    [Fact]
    public void Ntfy012_StringForAKeyOfTwoFields_SaysToWriteATemplate() =>
        AssertOne(
            WithPool().Cache("Order", message => message.Text("pool", 2, refersTo: "Pool")),
            "NTFY012",
            "test.Order.pool (test.proto) cannot hold the key of test.Pool, which is test.PoolKey. Remove refers_to and write a notify_reference in the message, with one entry per key field.");

    [Fact]
    public void Ntfy012_NumberForAKeyOfOneString_SaysToWriteATemplate() =>
        AssertOne(
            new SchemaFile().Cache("Item").Cache("Order", message => message.Field("item", 2, Type.Int32, refersTo: "Item")),
            "NTFY012",
            "test.Order.item (test.proto) cannot hold the key of test.Item, which is test.ItemKey. Remove refers_to and write a notify_reference in the message, with one entry per key field.");

    [Fact]
    public void Ntfy013_ReferenceOfEndlessDepth_SaysWhere() =>
        AssertOne(
            new SchemaFile().Cache("Item")
                .Message("Tree", message => message.Holding("item", 1, "ItemKey", refersTo: "Item").Holding("branches", 2, "Tree", isRepeated: true))
                .Cache("Order", message => message.Holding("tree", 2, "Tree")),
            "NTFY013",
            "test.Order (test.proto) refers to Item from inside test.Tree, which contains itself, so the references have no fixed depth. Move the field out, or list Item in ignore_refers_to.");

    [Theory]
    [InlineData("no entry sets name", "organization = key.name")]
    [InlineData("\"name\" is not of the form \"key_field = source.field.path\"", "name")]
    [InlineData("test.PoolKey has no field nobody", "nobody = key.name")]
    [InlineData("test.OrderKey has no field nobody", "name = key.nobody")]
    [InlineData("test.Order has no field nobody", "name = nobody.name")]
    [InlineData("pool of \"name = pool.name\" holds no message with a field name", "name = pool.name")]
    [InlineData("test.Order.pools of \"name = pools\" is repeated, so there is no one value", "name = pools")]
    [InlineData("test.Order.count does not have the type of test.PoolKey.name, or has a default of its own", "name = count")]
    [InlineData("\"name = key.name\" sets a field that another entry sets", "name = pool", "name = key.name")]
    public void Ntfy014_WrongTemplate_SaysWhatIsWrong(string reason, params string[] entries) =>
        AssertOne(
            WithPool().Cache("Order", message => message.Text("pool", 2).Field("pools", 3, Type.String, isRepeated: true).Field("count", 4, Type.Int32)
                .Template("Pool", entries)),
            "NTFY014",
            $"test.Order (test.proto): the notify_reference to test.Pool is wrong: {reason}. Write one entry \"key_field = source.field.path\" per field of test.PoolKey, from a source of the same type.");

    [Fact]
    public void Ntfy015_Cycle_ShowsTheWayAround() =>
        AssertOne(
            new SchemaFile().Cache("Item", message => message.Text("shelf", 2, refersTo: "Shelf"))
                .Cache("Shelf", message => message.Text("store", 2, refersTo: "Store"))
                .Cache("Store", message => message.Text("first", 2, refersTo: "Item")),
            "NTFY015",
            "test.Item (test.proto) is in a cycle of references: test.Item -> test.Shelf -> test.Store -> test.Item. What is referred to comes first, so one of them has to go; list its target in ignore_refers_to.");

    [Fact]
    public void Ntfy015_ReferenceToItself_IsACycle() =>
        AssertOne(
            new SchemaFile().Cache("Item", message => message.Text("next", 2, refersTo: "Item")),
            "NTFY015",
            "test.Item (test.proto) is in a cycle of references: test.Item -> test.Item. What is referred to comes first, so one of them has to go; list its target in ignore_refers_to.");

    [Fact]
    public void Ntfy015_IgnoredReference_BreaksTheCycle() =>
        Assert.Empty(GeneratorRun.Of(new SchemaFile().Cache("Item", message =>
            message.Text("next", 2, refersTo: "Item").Set(OptionsExtensions.IgnoreRefersTo, "Nothing, Item"))).Diagnostics);

    [Theory]
    [InlineData("Nobody", "is no message here")]
    [InlineData("ItemKey", "neither the key nor the object contains")]
    public void Ntfy016_UnknownScope_NamesIt(string scope, string reason) =>
        AssertOne(
            new SchemaFile().Cache("Item").Cache("Order", message => message.Set(OptionsExtensions.NotifyScopeKey, scope)),
            "NTFY016",
            $"test.Order (test.proto): notify_scope_key names {scope}, which {reason}. Write the full name of a message that the object or its key contains.");

    [Fact]
    public void Ntfy017_ScopeOnAString_IsRefused() =>
        AssertOne(
            new SchemaFile().Cache("Order", message => message.Field("town", 2, Type.String, isScope: true)),
            "NTFY017",
            "test.Order.town (test.proto): notify_scope is on a field that holds no message. All notify_scope fields of a type hold the same message, its scope key.");

    [Fact]
    public void Ntfy017_ScopesOfTwoMessages_AreRefused() =>
        AssertOne(
            new SchemaFile().Key("TownKey").Key("ShopKey")
                .Cache("Order", message => message.Holding("town", 2, "TownKey", isScope: true).Holding("shop", 3, "ShopKey", isScope: true)),
            "NTFY017",
            "test.Order.shop (test.proto): it holds another message than test.Order.town, which has notify_scope too. All notify_scope fields of a type hold the same message, its scope key.");

    [Fact]
    public void Ntfy018_TwoCloudletKeysAtOneDepth_AsksForAMark() =>
        AssertOne(
            new SchemaFile().Key("CloudletKey").Cache("Order", message =>
                message.Set(OptionsExtensions.NotifyFilterCloudletKey).Holding("home", 2, "CloudletKey").Holding("away", 3, "CloudletKey")),
            "NTFY018",
            "test.Order (test.proto) has more than one CloudletKey to be its scope: home, away. Set notify_scope on the right one.");

    [Fact]
    public void Ntfy019_LimitBeyondInt32_IsRefused() =>
        AssertOne(
            new SchemaFile().Cache("Order", message => message.Set(OptionsExtensions.NotifyMaxBytes, 3_000_000_000u)),
            "NTFY019",
            "test.Order (test.proto): notify_max_bytes is 3000000000. Set at most 2147483647.");

    [Theory]
    [InlineData("OrderType")]
    [InlineData("OrderCache")]
    [InlineData("TestTypes")]
    public void Ntfy020_MessageWithAGeneratedName_IsRefused(string name) =>
        AssertOne(
            new SchemaFile().Message(name, message => message.Text("x", 1)).Cache("Order"),
            "NTFY020",
            $"test.Order (test.proto): the generated class {name} has the name of another class: test.{name}. Rename one of the messages.");

    private static void Caches(SchemaMessage message) => message.Set(OptionsExtensions.NotifyCache).Text("name", 1);

    private static SchemaFile WithPool() => new SchemaFile()
        .Message("PoolKey", message => message.Set(OptionsExtensions.ObjKey).Text("organization", 1).Text("name", 2))
        .Message("Pool", message => message.Set(OptionsExtensions.NotifyCache).Holding("key", 1, "PoolKey"));

    private static IEnumerable<Google.Protobuf.Reflection.FileDescriptor> EdgeFiles() =>
        EdgeTypes.All.Cast<Notify.Core.Types.CompiledObjectType>().Select(type => type.Descriptor.File).Distinct();

    private static void AssertOne(SchemaFile file, string id, string text, DiagnosticSeverity severity = DiagnosticSeverity.Error) =>
        AssertOne(GeneratorRun.Of(file), id, text, severity);

    private static void AssertOne(GeneratorRun run, string id, string text, DiagnosticSeverity severity)
    {
        var problem = Assert.Single(run.Diagnostics);
        Assert.Equal(id, problem.Id);
        Assert.Equal(text, problem.GetMessage());
        Assert.Equal(severity, problem.Severity);
        Assert.Equal($"docs/annotations.md#{id.ToLowerInvariant()}", problem.Descriptor.HelpLinkUri);
    }
}
