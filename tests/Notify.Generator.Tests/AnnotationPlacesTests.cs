using Google.Protobuf;
using Notify.Core.Types;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>Where annotations are looked for, as docs/annotations.md says; with generated code and without.</summary>
public sealed class AnnotationPlacesTests
{
    private static readonly Lazy<Schema> Places = new(() => new Schema(
        """
        syntax = "proto3"; package places; option csharp_namespace = "Places"; import "notify/options.proto";
        message CloudletKey { option (notify.notify_cache) = true; option (notify.obj_and_key) = true; option (notify.notify_filter_cloudlet_key) = true; string name = 1; }
        message NameKey { option (notify.obj_key) = true; string name = 1; }
        message Deep { CloudletKey cloudlet = 1; }
        message Nearest {
          option (notify.notify_cache) = true;
          option (notify.notify_filter_cloudlet_key) = true;
          NameKey key = 1;
          Deep deep = 2;
          CloudletKey top = 3;
        }
        message NotInLists {
          option (notify.notify_cache) = true;
          option (notify.notify_filter_cloudlet_key) = true;
          NameKey key = 1;
          repeated CloudletKey all = 2;
        }
        message TwoKeys { option (notify.notify_cache) = true; NameKey other = 1; NameKey key = 2; }
        message OneKey { option (notify.notify_cache) = true; NameKey whatever = 1; string key_name = 2; }
        message Line { string name = 1 [(notify.refers_to) = "OneKey"]; string kept = 2 [(notify.refers_to) = "TwoKeys"]; }
        message Listing {
          option (notify.notify_cache) = true;
          option (notify.ignore_refers_to) = "places.OneKey";
          NameKey key = 1;
          repeated Line lines = 2;
        }
        message Kept { option (notify.notify_cache) = true; option (notify.notify_shared) = true; option (notify.notify_flush) = false; NameKey key = 1; }
        message Flushed { option (notify.notify_cache) = true; option (notify.notify_dynamic) = true; option (notify.notify_flush) = true; NameKey key = 1; }
        message Unlimited { option (notify.notify_cache) = true; option (notify.notify_max_bytes) = 0; NameKey key = 1; }
        """,
        "Places.PlacesTypes"));

    [Theory]
    [Trait("Option", "notify_filter_cloudlet_key")]
    [InlineData("CloudletKey", """{ "name": "self" }""", "self")]
    [InlineData("Nearest", """{ "key": { "name": "x" }, "deep": { "cloudlet": { "name": "deep" } }, "top": { "name": "top" } }""", "top")]
    [InlineData("Nearest", """{ "key": { "name": "x" }, "deep": { "cloudlet": { "name": "deep" } } }""", null)]
    [InlineData("NotInLists", """{ "key": { "name": "x" }, "all": [{ "name": "a" }] }""", null)]
    public void Scope_IsTheObjectItself_OrAtTheTop(string type, string json, string? scope) =>
        Assert.Equal(scope is null ? [] : [scope], Both(type, json).Scopes.Select(one => one.Key.ToStringUtf8()[2..]));

    [Theory]
    [Trait("Option", "obj_key")]
    [InlineData("TwoKeys", """{ "other": { "name": "a" }, "key": { "name": "b" } }""", "b")]
    [InlineData("OneKey", """{ "whatever": { "name": "c" }, "keyName": "d" }""", "c")]
    public void Key_IsTheFieldKey_OrElseTheOnlyOne(string type, string json, string key) =>
        Assert.Equal(key, Both(type, json).Id.Key.ToStringUtf8()[2..]);

    [Fact]
    [Trait("Option", "ignore_refers_to")]
    public void IgnoredNames_CountInWhatTheMessageContains() => Assert.Equal(
        ["places.TwoKeys"],
        Both("Listing", """{ "key": { "name": "x" }, "lines": [{ "name": "a", "kept": "b" }] }""").References.Select(reference => reference.Type));

    [Theory]
    [Trait("Option", "notify_flush")]
    [InlineData("Kept", TypeKind.Shared, false)]
    [InlineData("Flushed", TypeKind.Dynamic, true)]
    public void Flush_IsWhatIsWritten(string type, TypeKind kind, bool flush) =>
        Assert.Equal((kind, flush), (Places.Value[type].Declaration.Kind, Places.Value[type].Declaration.Flush));

    [Fact]
    [Trait("Option", "notify_max_bytes")]
    public void MaxBytes_OfZero_IsNoLimit() => Assert.Null(Places.Value["Unlimited"].ObjectBytesMax);

    [Fact]
    public void Groups_AreLetThrough_AndNotLookedAt()
    {
        var schema = new Schema(
            """
            syntax = "proto2"; package groups; option csharp_namespace = "Groups"; import "notify/options.proto";
            message NameKey { option (notify.obj_key) = true; optional string name = 1; }
            message Thing {
              option (notify.notify_cache) = true;
              optional NameKey key = 1;
              optional group Part = 2 { optional string thing = 3; }
              repeated group Piece = 4 { optional uint32 size = 5; }
            }
            """,
            "Groups.GroupsTypes");
        var thing = schema["Thing"].Read(ByteString.CopyFrom([0x0a, 3, 0x0a, 1, (byte)'x', 0x13, 0x1a, 1, (byte)'y', 0x14, 0x23, 0x28, 7, 0x24, 0x23, 0x24]));

        Assert.Equal(thing, schema.Described.Single().Read(thing.Value));
        Assert.Contains("\"thing\": \"y\"", schema.Read(thing), StringComparison.Ordinal);
        Assert.Throws<InvalidObjectException>(() => schema.Described.Single().Read(ByteString.CopyFrom([.. thing.Value, 0x0b, 0x0c])));
    }

    /// <summary>The envelope, which both ways of reading the annotations make alike.</summary>
    private static Envelope Both(string type, string json)
    {
        var envelope = Places.Value.Object(type, json);
        Assert.Equal(envelope, Places.Value.Described.Single(described => described.Name == envelope.Id.Type).Read(envelope.Value));
        return envelope;
    }
}
