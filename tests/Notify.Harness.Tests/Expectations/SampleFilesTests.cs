using Google.Protobuf;
using Notify.Harness.Expectations;

namespace Notify.Harness.Tests.Expectations;

public sealed class SampleFilesTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notify-samples-");

    public static TheoryData<string> PlainFiles => new(Directory.EnumerateFiles(Samples.PlainFolder).Select(f => Path.GetFileName(f)!));

    [Theory]
    [MemberData(nameof(PlainFiles))]
    public void PlainFile_ParsesAsItsTypes(string file)
    {
        var objects = SampleFiles.Read(Path.Combine(Samples.PlainFolder, file)).ToList();

        Assert.NotEmpty(objects);
        Assert.All(objects, sample => Assert.Equal(
            MirrorObject.From(sample.Type, sample.Fields),
            MirrorObject.FromJson(sample.Type, JsonFormatter.Default.Format(Samples.Parse(sample)))));
    }

    [Fact]
    public void PlainFiles_WithTheWorld_ReferToWhatExists() =>
        Assert.Empty(Oracle.Load(Samples.WorldFolder, Samples.PlainFolder).Dangling());

    [Fact]
    public void Read_YamlScalars_HaveTheTypesOfYaml12()
    {
        var sample = Assert.Single(SampleFiles.Read(Write("""
            type: X
            object: {a: 1, b: "1", c: 1.5, d: true, e: 'true', f: NO, g: 2.1.0, h: ~, i: 120s, j: -3, k: [1, x]}
            """)));

        Assert.Equal(
            """{"a":1,"b":"1","c":1.5,"d":true,"e":"true","f":"NO","g":"2.1.0","h":null,"i":"120s","j":-3,"k":[1,"x"]}""",
            sample.Fields.ToJsonString());
    }

    [Fact]
    public void Read_NamesOfTheProtoFile_BecomeJsonNamesButNotInsideMaps()
    {
        var sample = Assert.Single(SampleFiles.Read(Write("""
            type: App
            object: {app_key: {name: a}, environment: {LOG_LEVEL: info}, image_path: some_path}
            """)));

        Assert.Equal(
            """{"appKey":{"name":"a"},"environment":{"LOG_LEVEL":"info"},"imagePath":"some_path"}""",
            sample.Fields.ToJsonString());
    }

    [Theory]
    [InlineData("type: X\n", 1, 1)]
    [InlineData("---\ntype: X\nobject: {}\n---\ntype: X\nobject: {}\nmore: 1\n", 5, 1)]
    [InlineData("type: X\nobject: [1]\n", 1, 1)]
    [InlineData("type: X\nobject: {a: b\n", 3, 1)]
    public void Read_OtherYaml_SaysWhere(string yaml, int line, int column)
    {
        var error = Assert.Throws<FormatException>(() => SampleFiles.Read(Write(yaml)).ToList());

        Assert.Contains($"sample.yaml({line},{column}): ", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string Write(string yaml)
    {
        var path = Path.Combine(folder.FullName, "sample.yaml");
        File.WriteAllText(path, yaml);
        return path;
    }
}
