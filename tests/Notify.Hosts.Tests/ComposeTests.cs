using System.Text.Json;
using Notify.Hosts.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Notify.Hosts.Tests;

/// <summary>Images are not built here; what docker-compose.yml and the Dockerfile tell the programs is checked by the programs.</summary>
public sealed class ComposeTests
{
    private const string Unknown = "--no-such-option";

    private static readonly YamlMappingNode s_services = Read();
    private static readonly string[] s_names =
        [.. s_services.Children.Keys.Select(name => name.ToString()).Where(name => Find(Service(name), "build") is not null)];

    /// <summary>The services that are programs of ours.</summary>
    public static TheoryData<string> Services() => [.. s_names];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Command_OfAService_IsRightForItsProgram(string name)
    {
        var variables = ((YamlMappingNode)Find(Service(name), "environment")!).Children.Select(variable => $"{variable.Key}={variable.Value}");

        // Wrong options are all reported together, so where the one that no program has is the only one, the others are right.
        await using var host = HostProcess.StartWith(variables, ProgramOf(name), [.. Command(name), Unknown]);

        await FindsOnlyTheUnknownAsync(host);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_NamesItselfAndOnlyServicesThatThereAre_AndMayDoNothingElse(string name)
    {
        var service = Service(name);

        Assert.Equal([name], ValuesOf(name, "--name"));
        Assert.Equal(["0.0.0.0:7000"], ValuesOf(name, "--listen"));
        Assert.All(ValuesOf(name, "--upstream"), upstream => Assert.Contains(upstream, s_names.Select(other => other + ":7000")));
        Assert.All(ValuesOf(name, "--etcd"), etcd => Assert.Equal("http://etcd:2379", etcd));
        Assert.All(
            (Find(service, "depends_on") as YamlMappingNode)?.Children.Keys.Select(key => key.ToString()) ?? [],
            needed => Assert.Contains(needed, s_services.Children.Keys.Select(key => key.ToString())));
        Assert.Equal("true", Find(service, "read_only")!.ToString());
        Assert.Equal(["ALL"], Texts(Find(service, "cap_drop")));
    }

    [Fact]
    public void World_IsThatOfTheDemosTree() => Assert.Equal(
        [
            "controller-1 Notify.Controller ",
            "controller-2 Notify.Controller ",
            "crm-berlin Notify.Crm relay-1:7000",
            "crm-vancouver Notify.Crm relay-1:7000",
            "dme-1 Notify.Dme controller-1:7000,controller-2:7000",
            "dme-2 Notify.Dme controller-1:7000,controller-2:7000",
            "relay-1 Notify.Relay controller-1:7000,controller-2:7000",
        ],
        s_names.Select(name => $"{name} {ProgramOf(name)} {string.Join(',', ValuesOf(name, "--upstream"))}").Order(StringComparer.Ordinal));

    [Fact]
    public async Task HealthCheck_OfTheImage_IsRightForNotifyctl()
    {
        var check = Dockerfile().SkipWhile(line => !line.StartsWith("HEALTHCHECK ", StringComparison.Ordinal)).ElementAt(1).Trim();
        Assert.StartsWith("CMD ", check, StringComparison.Ordinal);
        var command = JsonSerializer.Deserialize<string[]>(check["CMD ".Length..])!; // An array, as the shell that the image lacks is not needed.
        Assert.Equal("/app/ctl/notifyctl", command[0]);

        await using var ctl = HostProcess.Start("notifyctl", [.. command[1..], Unknown]);

        await FindsOnlyTheUnknownAsync(ctl);
    }

    [Fact]
    public void Image_IsSlim_OfAUserWithoutRights_AndBuiltWithTheRepositorysSdk()
    {
        var lines = Dockerfile();
        using var settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(HostProcess.RepositoryRoot, "global.json")));

        Assert.Contains($"FROM mcr.microsoft.com/dotnet/sdk:{settings.RootElement.GetProperty("sdk").GetProperty("version")} AS build", lines);
        Assert.EndsWith("-chiseled", lines.Last(line => line.StartsWith("FROM ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("USER $APP_UID", lines);
        Assert.All(s_names.Select(ProgramOf), program => Assert.True(Directory.Exists(Path.Combine(HostProcess.RepositoryRoot, "src", program)), program));
    }

    private static async Task FindsOnlyTheUnknownAsync(HostProcess program)
    {
        Assert.Equal(2, await program.ExitCodeAsync());
        Assert.Equal($"error: Unrecognized command or argument '{Unknown}'.", program.Errors.First());
        Assert.Equal(2, program.Errors.Count);
    }

    private static string[] Dockerfile() => File.ReadAllLines(Path.Combine(HostProcess.RepositoryRoot, "Dockerfile"));

    private static YamlMappingNode Read()
    {
        using var reader = new StreamReader(Path.Combine(HostProcess.RepositoryRoot, "docker-compose.yml"));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return (YamlMappingNode)Find(yaml.Documents[0].RootNode, "services")!;
    }

    private static YamlNode Service(string name) => Find(s_services, name)!;

    private static string ProgramOf(string name) => Find(Find(Find(Service(name), "build")!, "args")!, "HOST")!.ToString();

    private static IEnumerable<string> Command(string name) => Texts(Find(Service(name), "command"));

    private static string[] ValuesOf(string name, string option) =>
        [.. Command(name).Zip(Command(name).Skip(1)).Where(pair => pair.First == option).Select(pair => pair.Second)];

    /// <summary>A node's entry, or that of what is merged into it.</summary>
    private static YamlNode? Find(YamlNode node, string key) => node is not YamlMappingNode mapping ? null
        : mapping.Children.TryGetValue(key, out var found) ? found
        : mapping.Children.TryGetValue("<<", out var merged) ? Find(merged, key)
        : null;

    private static IEnumerable<string> Texts(YamlNode? node) => ((YamlSequenceNode)node!).Select(one => one.ToString());
}
