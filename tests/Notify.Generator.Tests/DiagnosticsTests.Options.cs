using Google.Protobuf.Reflection;
using Microsoft.CodeAnalysis;
using Notify.Annotations;
using Notify.Core.Schemas;
using Notify.Generator.Extraction;
using Notify.Generator.Tests.Support;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Notify.Generator.Tests;

/// <summary>Options that do nothing where they are, that are not ours, and mistakes of projects.</summary>
public sealed partial class DiagnosticsTests
{
    private const string NoCache = "has no effect, because the message is no cache type. Remove it, or add notify_cache.";

    public static TheoryData<string> OptionsOfCaches =>
    [
        "notify_custom_update", "notify_recv_hook", "notify_filter_cloudlet_key", "notify_flush", "notify_print_send_recv", "obj_and_key",
        "custom_key_type", "singular_data", "notify_dynamic", "notify_shared", "notify_scope_key", "notify_reference", "notify_max_bytes",
    ];

    [Theory]
    [MemberData(nameof(OptionsOfCaches))]
    public void Ntfy010_OptionOfCacheTypes_OnAnotherMessage_Warns(string option) =>
        AssertOne(Project($"message Order {{ option ({Written(option)}; string name = 1; }}"), "NTFY010", $"p.Order (p.proto): {option} {NoCache}", DiagnosticSeverity.Warning);

    [Theory]
    [MemberData(nameof(OptionsOfCaches))]
    public void Ntfy010_OptionOfCacheTypes_OnAMessageType_Warns(string option) =>
        AssertOne(
            Project($"message Order {{ option (notify.notify_message) = true; option ({Written(option)}; string name = 1; }}"),
            "NTFY010",
            $"p.Order (p.proto): {option} has no effect, because a message type is sent once and not mirrored. Remove it, or move it to a cache type.",
            DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("option (notify.notify_scope_key) = \"TownKey\"; Key key = 1; TownKey town = 2;")]
    [InlineData("Key key = 1; TownKey town = 2 [(notify.notify_scope) = true];")]
    public void Ntfy010_FilterByCloudletKey_WithAnotherScopeKey_Warns(string body) =>
        AssertOne(
            Project(
                "message Key { option (notify.obj_key) = true; string name = 1; } message TownKey { string name = 1; }",
                "message Order { option (notify.notify_cache) = true; option (notify.notify_filter_cloudlet_key) = true;",
                body + " }"),
            "NTFY010",
            "p.Order (p.proto): notify_filter_cloudlet_key has no effect, because p.TownKey is the scope key. Remove it, or remove notify_scope_key and notify_scope.",
            DiagnosticSeverity.Warning);

    [Fact]
    public void Ntfy010_IgnoredName_ThatNothingRefersTo_Warns() =>
        AssertOne(
            new SchemaFile().Cache("Item").Cache("Order", message => message.Text("item", 2, refersTo: "Item").Set(OptionsExtensions.IgnoreRefersTo, "Itme")),
            "NTFY010",
            "test.Order (test.proto): Itme in ignore_refers_to has no effect, because nothing in the message refers to it. Remove it, or write the name as refers_to does.",
            DiagnosticSeverity.Warning);

    [Fact]
    public void Ntfy010_IgnoredName_OfARecursiveMessage_IsFound() =>
        Assert.Empty(GeneratorRun.Of(new SchemaFile().Cache("Item")
            .Message("Tree", message => message.Holding("item", 1, "ItemKey", refersTo: "Item").Holding("branches", 2, "Tree", isRepeated: true))
            .Cache("Order", message => message.Holding("tree", 2, "Tree").Set(OptionsExtensions.IgnoreRefersTo, "test.Item"))).Diagnostics);

    [Fact]
    public void Ntfy010_TemplateToAnIgnoredType_Warns() =>
        AssertOne(
            WithPool().Cache("Order", message => message.Template("Pool", "name = key.name").Set(OptionsExtensions.IgnoreRefersTo, "Pool")),
            "NTFY010",
            "test.Order (test.proto): notify_reference to Pool has no effect, because ignore_refers_to leaves it out. Remove it, or take it out of ignore_refers_to.",
            DiagnosticSeverity.Warning);

    [Fact]
    public void Ntfy010_TemplateWrittenTwice_Warns() =>
        AssertOne(
            new SchemaFile().Cache("Item").Cache("Order", message => message.Text("item", 2).Template("Item", "name = item").Template("test.Item", "name=item")),
            "NTFY010",
            "test.Order (test.proto): notify_reference to test.Item has no effect, because another one says the same. Remove it, or give it other sources.",
            DiagnosticSeverity.Warning);

    [Theory]
    [InlineData("custom_key_type", "")]
    [InlineData("notify_scope_key", " ")]
    [InlineData("ignore_refers_to", " , ")]
    public void Ntfy010_OptionThatNamesNothing_Warns(string option, string text) =>
        AssertOne(
            Project($"message Order {{ option (notify.notify_cache) = true; option (notify.obj_and_key) = true; option (notify.{option}) = \"{text}\"; string name = 1; }}"),
            "NTFY010",
            $"p.Order (p.proto): {option} has no effect, because it names nothing. Remove it, or write a name.",
            DiagnosticSeverity.Warning);

    [Fact]
    public void Ntfy010_RefersToInAGroup_Warns_AtTheField() =>
        AssertOne(
            new ProtoProject((
                "p.proto",
                """
                syntax = "proto2"; package p; import "notify/options.proto"; message Key { option (notify.obj_key) = true; optional string name = 1; }
                message Order { option (notify.notify_cache) = true; optional Key key = 1; optional group Part = 2 { optional string item = 3 [(notify.refers_to) = "Item"]; } }
                """)).Run(),
            "NTFY010",
            "p.Order.Part.item (p.proto): refers_to has no effect, because the field is in a group. Remove it, or make the group a message.",
            DiagnosticSeverity.Warning);

    [Fact]
    public void Ntfy004_KeyThatIsAGroup_IsRefused()
    {
        const string Text = """
            syntax = "proto2"; package p; import "notify/options.proto";
            message Order { option (notify.notify_cache) = true; optional group Key = 1 { option (notify.obj_key) = true; optional string name = 2; } }
            """;
        AssertOne(
            new ProtoProject(("p.proto", Text)).Run(),
            "NTFY004",
            "p.Order.key (p.proto) looks like the key, but its type group p.Order.Key is not a message with the option obj_key. Set obj_key on the key message, or rename the field.");
    }

    [Fact]
    public void Ntfy010_RefersToNothing_Warns_AtTheField() =>
        AssertOne(
            new SchemaFile().Cache("Order", message => message.Text("item", 2, refersTo: "")),
            "NTFY010",
            "test.Order.item (test.proto): refers_to has no effect, because it names nothing. Remove it, or write a name.",
            DiagnosticSeverity.Warning);

    [Fact]
    public void Ntfy021_KeyWithoutFields_SaysHowToHaveOneObject() =>
        AssertOne(
            new SchemaFile().Message("OrderKey", message => message.Set(OptionsExtensions.ObjKey))
                .Message("Order", message => message.Set(OptionsExtensions.NotifyCache).Holding("key", 1, "OrderKey")),
            "NTFY021",
            "test.Order (test.proto): test.OrderKey cannot be the key, because it has no fields, so there could be one object only. Give it a field, or set singular_data on the cache type.");

    [Theory]
    [InlineData("oneof by { string name = 1; uint32 number = 2; }", "contains the oneof p.Key.by")]
    [InlineData("optional group Part = 1 { optional string name = 2; }", "contains the group p.Key.part")]
    [InlineData("optional Inner inner = 1;", "contains p.Inner, which has extensions")]
    public void Ntfy006_KeyThatIsNoName_IsRefused(string fields, string reason) =>
        AssertOne(
            new ProtoProject((
                "p.proto",
                $"syntax = \"proto2\"; package p; import \"notify/options.proto\"; message Inner {{ extensions 100 to max; }} message Key {{ option (notify.obj_key) = true; {fields} }} "
                    + "message Order { option (notify.notify_cache) = true; optional Key key = 1; }")).Run(),
            "NTFY006",
            $"p.Order (p.proto): p.Key cannot be a key, because it {reason}. A key has a fixed depth, no groups, no oneofs and no extensions.");

    [Fact]
    public void Ntfy006_KeyWithExtensions_IsRefused() =>
        AssertOne(
            new SchemaFile().Message("OrderKey", message => message.Set(OptionsExtensions.ObjKey).Text("name", 1).Proto.ExtensionRange.Add(new DescriptorProto.Types.ExtensionRange { Start = 100, End = 200 }))
                .Message("Order", message => message.Set(OptionsExtensions.NotifyCache).Holding("key", 1, "OrderKey")),
            "NTFY006",
            "test.Order (test.proto): test.OrderKey cannot be a key, because it has extensions. A key has a fixed depth, no groups, no oneofs and no extensions.");

    [Fact]
    public void Ntfy022_ScopeOfEndlessDepth_SaysWhere() =>
        AssertOne(
            new SchemaFile().Key("TownKey")
                .Message("Tree", message => message.Holding("town", 1, "TownKey", isScope: true).Holding("branches", 2, "Tree", isRepeated: true))
                .Cache("Order", message => message.Holding("tree", 2, "Tree")),
            "NTFY022",
            "test.Order (test.proto) has notify_scope inside test.Tree, which contains itself, so the scopes have no fixed depth. Move the field out of test.Tree.");

    [Theory]
    [InlineData("", "has no fields")]
    [InlineData("oneof by { string name = 1; uint32 number = 2; }", "contains the oneof p.TownKey.by")]
    [InlineData("repeated TownKey near = 1;", "contains p.TownKey, which contains itself")]
    public void Ntfy023_ScopeKeyThatIsNoName_IsRefused(string fields, string reason) =>
        AssertOne(
            Project(
                $"message TownKey {{ {fields} }} message Key {{ option (notify.obj_key) = true; string name = 1; }}",
                "message Order { option (notify.notify_cache) = true; option (notify.notify_scope_key) = \"TownKey\"; Key key = 1; TownKey town = 2; }"),
            "NTFY023",
            $"p.Order (p.proto): p.TownKey cannot be the scope key, because it {reason}. A scope key has fields, a fixed depth, no groups, no oneofs and no extensions.");

    [Theory]
    [InlineData("MessageOptions { string notify_cache = 51010; }", "Order { option (notify_cache) = \"yes\"; string name = 1; }", "p.Order", "51010", "p.notify_cache (string)", "notify_cache (bool)")]
    [InlineData("MessageOptions { bool audited = 52500; }", "Order { option (audited) = true; string name = 1; }", "p.Order", "52500", "p.audited (bool)", "notify_dynamic (bool)")]
    [InlineData("FieldOptions { bool refers_to = 51053; }", "Order { string name = 1 [(refers_to) = true]; }", "p.Order.name", "51053", "p.refers_to (bool)", "refers_to (string)")]
    public void Ntfy024_NumberOfAnotherOption_IsNotRead(string declaration, string message, string place, string number, string declared, string ours)
    {
        var text = $"syntax = \"proto3\"; package p; import \"google/protobuf/descriptor.proto\"; extend google.protobuf.{declaration} message {message}";
        var run = new ProtoProject(("p.proto", text)).Run();
        AssertOne(
            run,
            "NTFY024",
            $"{place} (p.proto): option {number} is not read, because p.proto declares it as {declared} and not as {ours}. Declare it by that name and type, or give the other option another number.",
            DiagnosticSeverity.Warning);
        Assert.Empty(run.Sources);
    }

    [Fact]
    public void Ntfy025_FileListedTwice_NamesBoth()
    {
        var text = GeneratorRun.TextOf([new SchemaFile().Cache("Item").Proto]);
        var run = GeneratorRun.OfText(text + "\nfile|test.proto|Public|/old/test.proto");
        AssertOne(
            run,
            "NTFY025",
            "test.proto is listed twice, as /project/protos/test.proto and /old/test.proto. Keep one Protobuf item; two files need different names below their ProtoRoot.",
            DiagnosticSeverity.Error);
        Assert.Equal("/old/test.proto", run.Diagnostics[0].Location.GetLineSpan().Path);
        Assert.Equal(2, run.Sources.Count);
    }

    [Theory]
    [InlineData("Order-Service")]
    [InlineData("Orders..V1")]
    [InlineData("Acme.event.class")]
    public void Ntfy026_WrongNamespace_IsReportedOncePerFile(string name)
    {
        var file = new SchemaFile().Cache("Item").Cache("Order");
        file.Proto.Options.CsharpNamespace = name;
        var run = GeneratorRun.Of(file);
        AssertOne(run, "NTFY026", $"test.Item (test.proto): \"{name}\" is no C# namespace. Correct csharp_namespace in test.proto.", DiagnosticSeverity.Error);
        Assert.Empty(run.Sources);
    }

    [Fact]
    public void Ntfy020_RegistrationOfMessagesAlone_IsCheckedToo() =>
        AssertOne(
            new SchemaFile().Message("TestTypes", message => message.Text("x", 1)).Message("Ping", message => message.Set(OptionsExtensions.NotifyMessage)),
            "NTFY020",
            "test.Ping (test.proto): the generated class TestTypes has the name of another class: test.TestTypes. Rename one of the messages.");

    [Theory]
    [InlineData("A.B", "AB")]
    public void Ntfy020_NestedMessage_ThatMakesTheNameOfAnother_IsRefused(string nested, string other)
    {
        var names = nested.Split('.');
        var problems = Project(
            "message Key { option (notify.obj_key) = true; string name = 1; }",
            $"message {names[0]} {{ message {names[1]} {{ option (notify.notify_cache) = true; Key key = 1; }} }}",
            $"message {other} {{ option (notify.notify_cache) = true; Key key = 1; }}").Diagnostics;
        Assert.Equal(["NTFY020", "NTFY020"], problems.Select(problem => problem.Id));
    }

    [Fact]
    public void Ntfy011_TemplateWithoutATarget_SaysWhatIsMissing() =>
        AssertOne(
            new SchemaFile().Cache("Order", message => message.Template("", "name = key.name")),
            "NTFY011",
            "test.Order (test.proto) refers to nothing, which a notify_reference without \"to\" does. Write the full name of a message with notify_cache and import its file, or list it in ignore_refers_to.");

    [Fact]
    public void Ntfy011_FieldOfAnotherProject_IsReportedAtTheTypeThatContainsIt()
    {
        var library = new SchemaFile("lib.proto", "lib").Message("Line", message => message.Text("item", 1, refersTo: "Nobody"));
        var own = new SchemaFile().Import(library).Cache("Order", message => message.Field("line", 2, Type.Message, ".lib.Line").Field("more", 3, Type.Message, ".lib.Line"));

        var text = GeneratorRun.TextOf([library.Proto, own.Proto]).Replace("file|lib.proto|Public|/project/protos/lib.proto\n", "", StringComparison.Ordinal);
        var run = GeneratorRun.OfText(text);

        AssertOne(
            run,
            "NTFY011",
            "lib.Line.item (lib.proto) refers to Nobody, which is no message here. Write the full name of a message with notify_cache and import its file, or list it in ignore_refers_to.",
            DiagnosticSeverity.Error);
        Assert.Equal(("/project/protos/test.proto", 19), (run.Diagnostics[0].Location.GetLineSpan().Path, run.Diagnostics[0].Location.GetLineSpan().StartLinePosition.Line));
    }

    [Fact]
    public void Ntfy099_InputThatBreaksTheGenerator_AsksForAReport()
    {
        var problem = Assert.Single(ModelExtractor.Extract(new(default, null!)).Problems).Problem;
        Assert.Equal(SchemaRule.GeneratorFailed, problem.Rule);
        Assert.StartsWith("notify.descriptors.txt: the generator failed on this input, which is a mistake in the generator: System.ArgumentNullException", problem.Text, StringComparison.Ordinal);
        Assert.EndsWith("Please report it with the proto files.", problem.Text, StringComparison.Ordinal);
    }

    private static GeneratorRun Project(params string[] messages) =>
        new ProtoProject(("p.proto", "syntax = \"proto3\"; package p; import \"notify/options.proto\";\n" + string.Join('\n', messages))).Run();

    private static string Written(string option) => option switch
    {
        "custom_key_type" or "notify_scope_key" => $"notify.{option}) = \"Order\"",
        "notify_reference" => $"notify.{option}) = {{ to: \"Order\" }}",
        "notify_max_bytes" => $"notify.{option}) = 7",
        "notify_flush" => $"notify.{option}) = false",
        _ => $"notify.{option}) = true",
    };
}
