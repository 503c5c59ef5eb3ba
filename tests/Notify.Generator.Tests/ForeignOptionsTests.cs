using Google.Protobuf;
using Notify.Core.Types;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>Proto files that declare the option numbers in a package of their own, as edge-cloud's do, with options among them that are not ours.</summary>
public sealed class ForeignOptionsTests
{
    private const string Options = """
        syntax = "proto3";
        package protogen;
        import "google/protobuf/descriptor.proto";
        extend google.protobuf.MessageOptions {
          bool generate_matches = 51005;
          bool generate_cud = 51006;
          bool obj_key = 51007;
          bool generate_cache = 51008;
          bool notify_cache = 51010;
          string generate_wait_for_state = 51015;
          bool notify_message = 51016;
          bool notify_custom_update = 51017;
          bool notify_recv_hook = 51018;
          bool notify_filter_cloudlet_key = 51019;
          bool notify_flush = 51020;
          bool notify_print_send_recv = 51022;
          string alias = 51027;
          bool obj_and_key = 51032;
          string custom_key_type = 51038;
          bool singular_data = 51039;
          bool ignore_refers_to = 51054;
          bool notify_dynamic = 52500;
        }
        extend google.protobuf.FieldOptions {
          bool backend = 51013;
          string refers_to = 51053;
        }
        """;

    private const string Model = """
        syntax = "proto3";
        package edgeproto;
        import "protogen.proto";
        message CloudletKey { option (protogen.obj_key) = true; string organization = 1; string name = 2; }
        message FlavorKey { option (protogen.obj_key) = true; string name = 1; }
        message Flavor {
          option (protogen.generate_matches) = true;
          option (protogen.generate_cud) = true;
          option (protogen.notify_cache) = true;
          repeated string fields = 1;
          FlavorKey key = 2;
        }
        message AppInstKey { option (protogen.obj_key) = true; string name = 1; CloudletKey cloudlet_key = 2; }
        message AppInst {
          option (protogen.generate_wait_for_state) = "TrackedState";
          option (protogen.notify_cache) = true;
          option (protogen.notify_filter_cloudlet_key) = true;
          option (protogen.notify_recv_hook) = true;
          option (protogen.alias) = "appinst=Key.Name";
          repeated string fields = 1;
          AppInstKey key = 2;
          FlavorKey flavor = 3 [(protogen.refers_to) = "Flavor"];
          string uri = 4 [(protogen.backend) = true];
        }
        message AppInstInfo {
          option (protogen.notify_cache) = true;
          option (protogen.notify_dynamic) = true;
          option (protogen.notify_flush) = true;
          option (protogen.notify_print_send_recv) = true;
          option (protogen.notify_custom_update) = true;
          AppInstKey key = 1;
        }
        message Settings { option (protogen.notify_cache) = true; option (protogen.singular_data) = true; uint32 interval = 1; }
        message Code { option (protogen.notify_cache) = true; option (protogen.obj_and_key) = true; string text = 1; }
        message Alert { option (protogen.notify_cache) = true; option (protogen.custom_key_type) = "FlavorKey"; map<string, string> labels = 1; }
        message Copy {
          option (protogen.notify_cache) = true;
          option (protogen.ignore_refers_to) = true;
          FlavorKey key = 1 [(protogen.refers_to) = "Flavor"];
          AppInst of = 2;
          string organization = 3 [(protogen.refers_to) = "Organization"];
        }
        message Operator { option (protogen.obj_and_key) = true; string name = 1; }
        message ExecRequest { option (protogen.notify_message) = true; AppInstKey key = 1; }
        """;

    private const string Hooks = """
        namespace Edgeproto;
        public sealed partial class AppInstType { private partial void HandleReceived(AppInst obj) { } }
        public sealed partial class AppInstInfoType { private partial bool DecideIsUpdate(AppInstInfo before, AppInstInfo after) => false; }
        public sealed partial class AlertType { private partial FlavorKey ComputeKey(Alert obj) => new() { Name = obj.Labels["name"] }; }
        """;

    private static readonly ProtoProject Project = new(("protogen.proto", Options), ("app.proto", Model));

    private static readonly Lazy<IReadOnlyList<CompiledObjectType>> Compiled = new(() =>
        [.. ((IEnumerable<ObjectType>)Project.Compile(Hooks).GetType("Edgeproto.EdgeprotoTypes")!.GetProperty("All")!.GetValue(null)!).Cast<CompiledObjectType>()]);

    private static readonly Lazy<IReadOnlyList<DescriptorObjectType>> Described = new(() => DescriptorObjectType.Load(Project.Set));

    [Fact]
    public void Generator_TakesThem_WithoutAWord() => Assert.Empty(Project.Run().Diagnostics);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Types_AreWhatTheOptionsSay(bool compiled)
    {
        var types = (compiled ? Compiled.Value : (IReadOnlyList<ObjectType>)Described.Value).ToDictionary(type => type.Name["edgeproto.".Length..]);

        Assert.Equal(["Alert", "AppInst", "AppInstInfo", "Code", "Copy", "Flavor", "Settings"], types.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["edgeproto.Flavor"], types["AppInst"].Declaration.RefersTo.AsEnumerable());
        Assert.Equal((true, "edgeproto.CloudletKey"), (types["AppInst"].Declaration.Filtered, types["AppInst"].Declaration.ScopeType));
        Assert.Equal((TypeKind.Dynamic, true, true), (types["AppInstInfo"].Declaration.Kind, types["AppInstInfo"].Declaration.Flush, types["AppInstInfo"].LogsTraffic));
        Assert.Empty(types["Settings"].Declaration.KeyLayout.Fields);
        Assert.Equal((compiled, compiled), (types["AppInst"].HasReceiveHook, types["AppInstInfo"].HasUpdateHook));
    }

    [Fact]
    [Trait("Option", "ignore_refers_to")]
    public void IgnoreRefersTo_DeclaredAsABool_LeavesAllReferencesOut()
    {
        Assert.Empty(Compiled.Value.Single(type => type.Name == "edgeproto.Copy").Declaration.RefersTo);
        Assert.Empty(Described.Value.Single(type => type.Name == "edgeproto.Copy").Declaration.RefersTo);
    }

    [Theory]
    [InlineData("AppInst", """{ "key": { "name": "a", "cloudletKey": { "name": "c" } }, "flavor": { "name": "small" } }""")]
    [InlineData("AppInstInfo", """{ "key": { "name": "a" } }""")]
    [InlineData("Settings", """{ "interval": 7 }""")]
    [InlineData("Code", """{ "text": "x" }""")]
    [InlineData("Copy", """{ "key": { "name": "k" }, "of": { "flavor": { "name": "small" } } }""")]
    public void Envelopes_OfBothWays_AreEqual(string name, string json)
    {
        var compiled = Compiled.Value.Single(type => type.Name == "edgeproto." + name);
        var expected = compiled.Describe(compiled.Descriptor.Parser.ParseJson(json));

        Assert.Equal(expected, Described.Value.Single(type => type.Name == compiled.Name).Read(expected.Value));
        Assert.Equal(name == "AppInst" ? (1, 1) : (0, 0), (expected.Scopes.Length, expected.References.Length));
    }

    [Fact]
    public void CustomKey_IsComputedByTheHook()
    {
        var alert = Compiled.Value.Single(type => type.Name == "edgeproto.Alert");
        var envelope = alert.Describe(alert.Descriptor.Parser.ParseJson("""{ "labels": { "name": "full" } }"""));
        Assert.Equal(ByteString.CopyFrom([0x0a, 4, .. "full"u8]), envelope.Id.Key);
    }

    [Fact]
    public void FlushOfAStoredType_IsAWarningOnly()
    {
        var project = new ProtoProject(("protogen.proto", Options), ("app.proto", Model.Replace("option (protogen.notify_dynamic) = true;", "", StringComparison.Ordinal)));
        var problems = project.Run().Diagnostics;
        Assert.Equal(["NTFY010", "NTFY010"], problems.Select(problem => problem.Id));
        Assert.All(problems, problem => Assert.Equal(Microsoft.CodeAnalysis.DiagnosticSeverity.Warning, problem.Severity));
        Assert.Equal(7, DescriptorObjectType.Load(project.Set).Count);
    }
}
