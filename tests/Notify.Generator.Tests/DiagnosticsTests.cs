using Microsoft.CodeAnalysis;
using Notify.Annotations;
using Notify.Edge;
using Notify.Generator.Tests.Shop;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>Each mistake has its rule, and its text says where it is and what to do.</summary>
public sealed partial class DiagnosticsTests
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
        Assert.Equal("docs/diagnostics.md#ntfy003", problem.Descriptor.HelpLinkUri);
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
    public void InternalMessages_HaveInternalTypes()
    {
        var text = GeneratorRun.TextOf([new SchemaFile().Cache("Item").Proto]).Replace("|Public|", "|Internal|", StringComparison.Ordinal);
        var sources = GeneratorRun.OfText(text).Sources;
        Assert.Contains("internal sealed partial class ItemType", sources["test.Item.g.cs"], StringComparison.Ordinal);
        Assert.Contains("internal sealed partial class ItemCache", sources["test.Item.g.cs"], StringComparison.Ordinal);
        Assert.Contains("internal static partial class TestTypes", sources["Test.TestTypes.g.cs"], StringComparison.Ordinal);
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
            "test.Order (test.proto): test.OrderKey cannot be a key, because it contains test.OrderKey, which contains itself. A key has a fixed depth, no groups, no oneofs and no extensions.");

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
    public void Ntfy010_UpdateHookOfAStoredType_Warns() =>
        AssertOne(
            new SchemaFile().Cache("Order", message => message.Set(OptionsExtensions.NotifyCustomUpdate)),
            "NTFY010",
            "test.Order (test.proto): notify_custom_update has no effect, because every commit of a stored object is sent on. Remove it, or add notify_dynamic or notify_shared.",
            DiagnosticSeverity.Warning);

    [Fact]
    public void Ntfy010_KindOfNoCacheType_Warns() =>
        AssertOne(
            new SchemaFile().Message("Order", message => message.Set(OptionsExtensions.NotifyShared).Text("name", 1)),
            "NTFY010",
            "test.Order (test.proto): notify_shared has no effect, because the message is no cache type. Remove it, or add notify_cache.",
            DiagnosticSeverity.Warning);

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

    private static IEnumerable<Google.Protobuf.Reflection.FileDescriptor> EdgeFiles() =>
        EdgeTypes.All.Cast<Notify.Core.Types.CompiledObjectType>().Select(type => type.Descriptor.File).Distinct();

    private static void AssertOne(SchemaFile file, string id, string text, DiagnosticSeverity severity = DiagnosticSeverity.Error) =>
        AssertOne(GeneratorRun.Of(file), id, text, severity);

    private static void AssertOne(GeneratorRun run, string id, string text, DiagnosticSeverity severity = DiagnosticSeverity.Error)
    {
        var problem = Assert.Single(run.Diagnostics);
        Assert.Equal(id, problem.Id);
        Assert.Equal(text, problem.GetMessage());
        Assert.Equal(severity, problem.Severity);
        Assert.Equal($"docs/diagnostics.md#{id.ToLowerInvariant()}", problem.Descriptor.HelpLinkUri);
    }
}
