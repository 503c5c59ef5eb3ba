using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Notify.House.Tests;

/// <summary>The rules of the house that a compiler does not hold: who may reference whom, and what the engine may not touch.</summary>
public sealed partial class HouseTests
{
    private static readonly string[] s_hosts = ["Notify.Controller", "Notify.Crm", "Notify.Dme", "Notify.Relay"];

    [Fact]
    public void Core_ReferencesProtobufAndAbstractionsOnly()
    {
        var project = Project("Notify.Core");

        Assert.Empty(Repository.Includes(project, "ProjectReference"));
        Assert.Empty(Repository.Includes(project, "FrameworkReference"));
        Assert.All(Repository.Includes(project, "PackageReference"), package => Assert.True(
            package is "Google.Protobuf" or "Grpc.Tools"
            || (package.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && package.EndsWith(".Abstractions", StringComparison.Ordinal)),
            $"Notify.Core references {package}."));
    }

    [Theory]
    [InlineData("Notify.Client")]
    [InlineData("Notify.Server")]
    public void Library_ReferencesCoreOnly(string name) =>
        Assert.Equal(["Notify.Core"], References(Project(name)));

    [Fact]
    public void Storage_ReferencesCoreAndTheGrpcClientOnly() =>
        Assert.Equal(["Notify.Client", "Notify.Core"], References(Project("Notify.Storage")).Order());

    [Fact]
    public void Client_DoesNotReferenceAspNet()
    {
        Assert.Empty(Repository.Includes(Project("Notify.Client"), "FrameworkReference"));
        Assert.DoesNotContain(Repository.Sources("src/Notify.Client"), source => source.Text.Contains("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public void NoLibrary_ReferencesAHost() => Assert.All(
        Repository.Projects("src").Where(project => !s_hosts.Contains(project.Name)),
        project => Assert.Empty(References(project.Project).Intersect(s_hosts)));

    [Fact]
    public void Engine_TouchesNoSocketFileOrClock() => Assert.All(
        Repository.Sources("src/Notify.Core"),
        source => Assert.False(
            EngineTaboo().Match(source.Text) is { Success: true } match && !IsAllowed(source.Path, match.Value),
            $"{source.Path} uses {EngineTaboo().Match(source.Text).Value}."));

    [Fact]
    public void Versions_AreExactAndInOnePlace()
    {
        var packages = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));
        Assert.All(packages.Descendants("PackageVersion"), package =>
            Assert.Matches(@"^\d+\.\d+\.\d+$", (string?)package.Attribute("Version") ?? ""));
        Assert.All(
            new[] { "src", "tests", "tools" }.SelectMany(Repository.Projects),
            project => Assert.DoesNotContain(
                project.Project.Descendants("PackageReference"),
                package => package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null));
    }

    [Fact]
    public void Solution_HasEveryProject()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Notify.sln"));
        Assert.All(
            new[] { "src", "tests", "tools" }.SelectMany(Repository.Projects),
            project => Assert.Contains($"\"{project.Name}\"", solution, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"System\.Net\.|System\.IO\.File|File\.(Open|Read|Write)|Socket|DateTime(Offset)?\.(Utc)?Now|Stopwatch|Random\.Shared|new Random\(|Thread\.Sleep")]
    private static partial Regex EngineTaboo();

    /// <summary>The layer of gRPC's framing speaks of the sockets that others hold.</summary>
    private static bool IsAllowed(string path, string word) =>
        word == "Socket" && path.Replace('\\', '/').StartsWith("src/Notify.Core/Transport/", StringComparison.Ordinal);

    private static XDocument Project(string name) => Repository.Projects("src").Single(project => project.Name == name).Project;

    private static string[] References(XDocument project) =>
        [.. Repository.Includes(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))];
}
