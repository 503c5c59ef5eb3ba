using System.Diagnostics;
using System.IO.Compression;
using System.Reflection.Metadata;

namespace Notify.Packages.Tests;

/// <summary>What is packed, and a program over it outside the repository.</summary>
public sealed class PackageTests(Packages packages) : IClassFixture<Packages>
{
    [Theory]
    [InlineData("Notify.Core", "lib/net10.0/Notify.Core.dll", "lib/net10.0/Notify.Core.xml")]
    [InlineData("Notify.Client", "lib/net10.0/Notify.Client.dll", "lib/net10.0/Notify.Client.xml")]
    [InlineData("Notify.Server", "lib/net10.0/Notify.Server.dll", "lib/net10.0/Notify.Server.xml")]
    [InlineData("Notify.Storage", "lib/net10.0/Notify.Storage.dll", "lib/net10.0/Notify.Storage.xml")]
    [InlineData("Notify.Generator", "analyzers/dotnet/cs/Notify.Generator.dll", "analyzers/dotnet/cs/Notify.Generator.pdb", "analyzers/dotnet/cs/Google.Protobuf.dll", "build/Notify.Generator.targets", "protos/notify/options.proto")]
    public void Package_HasItsFiles(string name, params string[] files)
    {
        using var package = ZipFile.OpenRead(Path.Combine(packages.Feed, $"{name}.{packages.Version}.nupkg"));
        Assert.All(files.Append("README.md"), file => Assert.NotNull(package.GetEntry(file)));
        using var reader = new StreamReader(package.GetEntry(name + ".nuspec")!.Open());
        var nuspec = reader.ReadToEnd();
        Assert.Contains("<license type=\"expression\">Apache-2.0</license>", nuspec, StringComparison.Ordinal);
        Assert.Contains("commit=\"", nuspec, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Notify.Core")]
    [InlineData("Notify.Client")]
    [InlineData("Notify.Server")]
    [InlineData("Notify.Storage")]
    public void Symbols_ArePackedAndNameNoFolderOfTheMachine(string name)
    {
        using var package = ZipFile.OpenRead(Path.Combine(packages.Feed, $"{name}.{packages.Version}.snupkg"));
        using var stream = package.GetEntry($"lib/net10.0/{name}.pdb")!.Open();
        var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        bytes.Position = 0;
        using var pdb = MetadataReaderProvider.FromPortablePdbStream(bytes);
        var reader = pdb.GetMetadataReader();
        var documents = reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name)).ToList();
        Assert.NotEmpty(documents);
        Assert.All(documents, document => Assert.StartsWith("/_", document, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sample_OverThePackages_BuildsAndRunsInACleanFolder()
    {
        var folder = packages.CleanFolder("feature-flags");
        var sample = Path.Combine(Packages.Root, "samples", "feature-flags");
        foreach (var file in new[] { "Program.cs", "flags.proto" })
            File.Copy(Path.Combine(sample, file), Path.Combine(folder, file));
        var project = await File.ReadAllTextAsync(Path.Combine(sample, "packaged", "FeatureFlags.csproj"));
        await File.WriteAllTextAsync(Path.Combine(folder, "FeatureFlags.csproj"), project.Replace("\"0.1.0\"", $"\"{packages.Version}\"", StringComparison.Ordinal));
        await Packages.DotnetAsync(folder, "build", "-o", "out", "-nologo", "-v", "q");

        var controller = packages.CleanFolder("controller");
        await File.WriteAllTextAsync(Path.Combine(controller, "Top.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Notify.Server" Version="{packages.Version}" />
                <PackageReference Include="Notify.Storage" Version="{packages.Version}" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(controller, "Program.cs"), """
            using System.Net;
            using Google.Protobuf;
            using Microsoft.AspNetCore.Server.Kestrel.Core;
            using Notify.Core.Types;
            using Notify.Server;
            using Notify.Storage.Embedded;

            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
            builder.Services
                .AddNotifyServer(options => options.Name = "top")
                .AddTypes(DescriptorObjectType.Load(ByteString.CopyFrom(File.ReadAllBytes(args[0]))))
                .UseStore(services => EmbeddedObjectStore.Open(
                    args[1], new Random(), new EmbeddedStoreOptions(), services.GetRequiredService<ILogger<EmbeddedObjectStore>>()));
            var app = builder.Build();
            app.MapNotify();
            await app.StartAsync();
            Console.WriteLine(new Uri(app.Urls.Single()).Authority);
            await app.WaitForShutdownAsync();
            """);
        await Packages.DotnetAsync(controller, "build", "-o", "out", "-nologo", "-v", "q");

        using var top = Start(Path.Combine(controller, "out", "Top.dll"), Path.Combine(folder, "out", "FeatureFlags.binpb"), Path.Combine(controller, "data"));
        var address = await LineAsync(top);
        using var leaf = Start(Path.Combine(folder, "out", "FeatureFlags.dll"), address, "berlin");
        using var elsewhere = Start(Path.Combine(folder, "out", "FeatureFlags.dll"), address, "paris", "dark-mode", "off");
        await elsewhere.WaitForExitAsync();
        using var set = Start(Path.Combine(folder, "out", "FeatureFlags.dll"), address, "berlin", "dark-mode", "on");
        await set.WaitForExitAsync();

        Assert.Equal((0, 0), (elsewhere.ExitCode, set.ExitCode));
        string line;
        while (!(line = await LineAsync(leaf)).StartsWith("dark-mode", StringComparison.Ordinal))
        {
            // The host's own log comes before.
        }

        Assert.Equal("dark-mode is on", line);
        leaf.Kill();
        top.Kill();
        await Task.WhenAll(leaf.WaitForExitAsync(), top.WaitForExitAsync());
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!; // Null is for shells.

    private static async Task<string> LineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token)
        ?? throw new InvalidOperationException($"The program ended with {process.ExitCode} and said nothing.");
}
