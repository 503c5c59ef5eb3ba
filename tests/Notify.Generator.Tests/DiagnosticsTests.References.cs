using Notify.Annotations;
using Notify.Generator.Tests.Support;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Notify.Generator.Tests;

/// <summary>Mistakes in references, key templates and scopes.</summary>
public sealed partial class DiagnosticsTests
{
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
            message.Text("next", 2, refersTo: "Item").Set(OptionsExtensions.IgnoreRefersTo, " , Item"))).Diagnostics);

    [Theory]
    [InlineData("Nobody", "is no message here")]
    [InlineData("ItemKey", "neither the key nor the object contains in a singular field")]
    public void Ntfy016_UnknownScope_NamesIt(string scope, string reason) =>
        AssertOne(
            new SchemaFile().Cache("Item").Cache("Order", message => message.Set(OptionsExtensions.NotifyScopeKey, scope)),
            "NTFY016",
            $"test.Order (test.proto): notify_scope_key names {scope}, which {reason}. Write the full name of a message that the object or its key contains; for one in repeated fields, set notify_scope on them.");

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

    private static SchemaFile WithPool() => new SchemaFile()
        .Message("PoolKey", message => message.Set(OptionsExtensions.ObjKey).Text("organization", 1).Text("name", 2))
        .Message("Pool", message => message.Set(OptionsExtensions.NotifyCache).Holding("key", 1, "PoolKey"));
}
