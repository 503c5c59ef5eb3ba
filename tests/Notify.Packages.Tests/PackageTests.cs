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
    [InlineData("Notify.Generator", "analyzers/dotnet/cs/Notify.Generator.dll", "analyzers/dotnet/cs/Notify.Generator.pdb", "analyzers/dotnet/cs/Google.Protobuf.dll", "build/Notify.Generator.targets", "protos/notify/options.proto", "docs/diagnostics.md", "docs/annotations.md")]
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
        await File.WriteAllTextAsync(Path.Combine(folder, "FeatureFlags.csproj"), Versioned(project));
        await Packages.DotnetAsync(folder, "build", "-o", "out", "-nologo", "-v", "q");

        var controller = packages.CleanFolder("controller");
        await File.WriteAllTextAsync(Path.Combine(controller, "Top.csproj"), Versioned(PackedReadme.Block("xml", "Notify.Server")));
        File.Copy(Path.Combine(sample, "flags.proto"), Path.Combine(controller, "flags.proto"));
        await File.WriteAllTextAsync(Path.Combine(controller, "Program.cs"), PackedReadme.Block("csharp", "AddNotifyServer"));
        await Packages.DotnetAsync(controller, "build", "-o", "out", "-nologo", "-v", "q");

        await using var programs = new Programs();
        var top = programs.Start(controller, Path.Combine(controller, "out", "Top.dll"), "--urls", "http://127.0.0.1:0");
        var address = await Programs.LineAsync(top, after: "Now listening on: http://");
        var leaf = programs.Start(folder, Path.Combine(folder, "out", "FeatureFlags.dll"), address, "berlin");
        await programs.RunAsync(folder, Path.Combine(folder, "out", "FeatureFlags.dll"), address, "paris", "dark-mode", "off");
        await programs.RunAsync(folder, Path.Combine(folder, "out", "FeatureFlags.dll"), address, "berlin", "dark-mode", "on");

        Assert.Equal("is on", await Programs.LineAsync(leaf, after: "dark-mode "));
    }

    [Fact]
    public async Task LeafOfTheReadme_Builds()
    {
        var folder = packages.CleanFolder("readme-leaf");
        File.Copy(Path.Combine(Packages.Root, "samples", "feature-flags", "flags.proto"), Path.Combine(folder, "flags.proto"));
        await File.WriteAllTextAsync(Path.Combine(folder, "Leaf.csproj"), Versioned(PackedReadme.Block("xml", "Notify.Client")));
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), PackedReadme.Block("csharp", "AddNotifyClient"));

        await Packages.DotnetAsync(folder, "build", "-o", "out", "-nologo", "-v", "q");
    }

    private string Versioned(string project) => project.Replace("\"0.1.0\"", $"\"{packages.Version}\"", StringComparison.Ordinal);
}
