using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Notify.Harness.Expectations;

namespace Notify.Harness.Tests.Expectations;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("""{"b":"x","a":"y"}""", """{"a":"y","b":"x"}""")]
    [InlineData("""{"a":"","b":0,"c":false,"d":[],"e":null,"f":-0.0}""", "{}")]
    [InlineData("""{"location":{"latitude":0.0}}""", """{"location":{}}""")]
    [InlineData("""{"resources":{},"key":{}}""", """{"key":{}}""")]
    [InlineData("""{"environment":{"b":"","a":"0"}}""", """{"environment":{"a":"0","b":""}}""")]
    [InlineData("""{"environment":{"generation":"007"}}""", """{"environment":{"generation":"007"}}""")]
    [InlineData("""{"values":{"a":0}}""", """{"values":{"a":0}}""")]
    [InlineData("""{"x":["",0]}""", """{"x":["",0]}""")]
    [InlineData("""{"ramMb":"9007199254740993"}""", """{"ramMb":9007199254740993}""")]
    [InlineData("""{"ramMb":9007199254740993}""", """{"ramMb":9007199254740993}""")]
    [InlineData("""{"ramMb":"0"}""", "{}")]
    [InlineData("""{"x":1.50}""", """{"x":1.5}""")]
    [InlineData("""{"x":"1.50"}""", """{"x":"1.50"}""")]
    [InlineData("""{"x":"Gr\u00fcezi <&>"}""", """{"x":"Grüezi <&>"}""")]
    [InlineData("""{"@type":"type.googleapis.com/edge.v1.App","x":1}""", """{"x":1}""")]
    public void Write_AnySpelling_GivesTheOne(string json, string canonical) =>
        Assert.Equal(canonical, CanonicalJson.Write((JsonObject)JsonNode.Parse(json)!));

    [Fact]
    public void MapFieldsAndLongFields_AreThoseOfTheProtoFiles()
    {
        var fields = Samples.EdgeFiles
            .SelectMany(file => file.MessageTypes)
            .SelectMany(message => message.Fields.InDeclarationOrder())
            .ToLookup(field => field.JsonName);

        // A name stands for one kind of field throughout the model, or the lists would have to be by type.
        Assert.All(fields, f => Assert.Single(f.Select(IsMap).Distinct()));
        Assert.All(fields, f => Assert.Single(f.Select(IsLong).Distinct()));
        Assert.Equal(fields.Where(f => f.Any(IsMap)).Select(f => f.Key).Order(), CanonicalJson.MapFields.Order());
        Assert.Equal(fields.Where(f => f.Any(IsLong)).Select(f => f.Key).Order(), CanonicalJson.LongFields.Order());

        static bool IsMap(FieldDescriptor field) => field.IsMap;
        static bool IsLong(FieldDescriptor field) =>
            field.FieldType is FieldType.Int64 or FieldType.UInt64 or FieldType.SInt64 or FieldType.Fixed64 or FieldType.SFixed64;
    }

    [Fact]
    public void FromJson_TypeUrlOrFullNameOrShortName_AreOneType()
    {
        const string json = """{"@type":"type.googleapis.com/edge.v1.Flavor","key":{"name":"x1.small"},"ramMb":"2048"}""";

        var expected = new MirrorObject("Flavor", """{"name":"x1.small"}""", """{"key":{"name":"x1.small"},"ramMb":2048}""");
        Assert.Equal(expected, MirrorObject.FromJson("type.googleapis.com/edge.v1.Flavor", json));
        Assert.Equal(expected, MirrorObject.FromJson("edge.v1.Flavor", json));
        Assert.Equal(expected, MirrorObject.FromJson("Flavor", json));
    }

    [Fact]
    public void FromJson_TypeWithoutAKey_HasTheEmptyKey() =>
        Assert.Equal("{}", MirrorObject.FromJson("Settings", """{"metricsInterval":"10s"}""").Key);
}
