using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Edge;
using Notify.Harness.World;

namespace Notify.Harness.Tests.World;

public sealed class YamlWriterTests
{
    [Fact]
    public void WriteDocument_AppInst_ReadsLikeTheReadme() => Assert.Equal(
        """
        ---
        type: AppInst
        object:
          key: {organization: harbor-maps, name: tiles-1}
          cloudletKey: {organization: Europe, name: Zurich}
          state: APP_INST_STATE_DELETING
          generation: 9007199254740993

        """,
        Write(new AppInst
        {
            Key = new() { Organization = "harbor-maps", Name = "tiles-1" },
            CloudletKey = new() { Organization = "Europe", Name = "Zurich" },
            State = AppInstState.Deleting,
            Generation = 9007199254740993,
        }));

    [Theory]
    [InlineData("NO", "\"NO\"")]
    [InlineData("off", "\"off\"")]
    [InlineData("null", "\"null\"")]
    [InlineData("1.0", "\"1.0\"")]
    [InlineData("12", "\"12\"")]
    [InlineData("1e3", "\"1e3\"")]
    [InlineData("a: b", "\"a: b\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("- x", "\"- x\"")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("line\nbreak", "\"line\\nbreak\"")]
    [InlineData("say \"x\"", "\"say \\\"x\\\"\"")]
    [InlineData("2.1.0", "2.1.0")]
    [InlineData("käfer-labor", "käfer-labor")]
    public void WriteDocument_TextThatYamlWouldMisread_IsQuoted(string text, string written) =>
        Assert.EndsWith($"  uri: {written}\n", Write(new AppInst { Uri = text }), StringComparison.Ordinal);

    [Fact]
    public void WriteDocument_Map_IsSortedByKey() =>
        AssertLine("  resources: {gpu: \"2\", nic: fast}", new Flavor { Resources = { ["nic"] = "fast", ["gpu"] = "2" } });

    [Fact]
    public void WriteDocument_ListOfScalars_IsOneLine() =>
        AssertLine("  countryCodes: [DE, \"NO\"]", new Cloudlet { CountryCodes = { "DE", "NO" } });

    [Fact]
    public void WriteDocument_ListOfMessages_HasALineEach() =>
        AssertLine("  vms:\n    - {name: a}\n    - {name: b}", new VMPool { Vms = { new VM { Name = "a" }, new VM { Name = "b" } } });

    [Fact]
    public void WriteDocument_Duration_IsInSeconds() =>
        AssertLine("  metricsInterval: 10s", new Settings { MetricsInterval = new Duration { Seconds = 10 } });

    private static void AssertLine(string line, IMessage message) =>
        Assert.EndsWith($"\nobject:\n{line}\n", Write(message), StringComparison.Ordinal);

    private static string Write(IMessage message)
    {
        StringBuilder yaml = new();
        YamlWriter.WriteDocument(yaml, message);
        return yaml.ToString();
    }
}
