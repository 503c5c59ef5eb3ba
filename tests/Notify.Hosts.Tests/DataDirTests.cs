using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>A controller over its folder: what it keeps, and what it says when the folder is not as it should be.</summary>
public sealed partial class DataDirTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notify-data-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task G10_AcknowledgedCommits_AreThereAfterAKill()
    {
        await using (var controller = await StartAsync())
        {
            await controller.PutAsync(World.All);
            await controller.PutAsync(new Flavor(World.Small) { RamMb = 4711 });
            await controller.DeleteAsync(World.West);
            controller.Signal("KILL");
            await controller.ExitCodeAsync();
        }

        await using var again = await StartAsync();

        Assert.Equal(4711, (int)Assert.Single(await again.ListAsync<Flavor>(), flavor => flavor.Key.Equals(World.Small.Key)).RamMb);
        Assert.DoesNotContain(await again.ListAsync<Cloudlet>(), cloudlet => cloudlet.Key.Equals(World.West.Key));
        Assert.Equal(World.All.OfType<AppInst>().Count(), (await again.ListAsync<AppInst>()).Count);
    }

    [Fact]
    public async Task G10_Commit_IsSyncedBetweenItsWriteAndItsAnswer()
    {
        var trace = Path.Combine(_directory.FullName, "trace");
        await using var controller = HostProcess.StartTraced(
            trace, "fdatasync,pwrite64,sendmsg,sendto,write,writev", "Notify.Controller", Arguments("data"));
        await controller.ListeningAsync();
        var marker = "the-text-to-look-for";
        await controller.PutAsync(new Flavor(World.Small) { Key = new FlavorKey { Name = marker } });
        controller.Signal("TERM");
        await controller.ExitCodeAsync();

        // Of each line: which thread, the call, what it wrote. The write that has the text, the next sync of that file, the next bytes to a socket.
        var calls = (await File.ReadAllLinesAsync(trace)).ToList();
        var write = calls.FindIndex(call => call.Contains("pwrite64(", StringComparison.Ordinal) && call.Contains(marker, StringComparison.Ordinal));
        Assert.True(write >= 0, "The commit was not written to a file.");
        var file = FileOf().Match(calls[write]).Groups["file"].Value;
        var sync = calls.FindIndex(write, call => call.Contains($"fdatasync({file}", StringComparison.Ordinal));
        Assert.True(sync >= 0, $"File {file} was not synced after the write.");
        var thread = calls[sync].Split(' ')[0];
        var synced = calls.FindIndex(
            sync, call => call.StartsWith(thread + " ", StringComparison.Ordinal) && call.Contains("fdatasync", StringComparison.Ordinal) && Returns().IsMatch(call));
        var answer = calls.FindIndex(write, call => call.Contains("sendmsg(", StringComparison.Ordinal) || call.Contains("sendto(", StringComparison.Ordinal));
        Assert.True(answer > synced && synced > write, $"write {write}, sync returned {synced}, answer {answer}:\n{string.Join('\n', calls.Skip(write).Take(12))}");
    }

    [Fact]
    public async Task DataDir_OfARunningController_IsRefused()
    {
        await using var first = await StartAsync();

        Assert.Equal("in use by another controller. Stop that one, or give this one a folder of its own.", await ErrorAfterFolderAsync(" is "));
        await first.PutAsync(World.Small);
    }

    [Fact]
    public async Task DataDir_WithADamagedFile_IsRefusedWithFileAndOffset()
    {
        await using (var controller = await StartAsync())
        {
            await controller.PutAsync(World.Small);
            await controller.PutAsync(World.Maps);
            await controller.PutAsync(World.West);
        }

        var log = Assert.Single(Directory.GetFiles(Path.Combine(_directory.FullName, "data"), "log-*"));
        var bytes = await File.ReadAllBytesAsync(log);
        bytes[120] ^= 1;
        await File.WriteAllBytesAsync(log, bytes);

        var error = await ErrorAsync();
        Assert.StartsWith($"error: {log} is damaged at offset ", error, StringComparison.Ordinal);
        Assert.Contains("Restore a backup into an empty folder", error, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(log));
    }

    [Fact]
    public async Task DataDir_OfANewerFormat_IsRefused()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_directory.FullName, "data"));
        var head = new Storage.Embedded.Files.Head { Format = 9 };
        await File.WriteAllBytesAsync(
            Path.Combine(folder.FullName, Storage.Embedded.StoreFiles.Log(0)),
            Storage.Embedded.StoreFrames.Encode(Storage.Embedded.FrameKind.Head, 0, head));

        Assert.Contains("has format 9; this program knows formats up to 1. Use the newer program", await ErrorAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataDir_ThatIsAFile_IsRefused()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "data"), "no folder");

        Assert.Contains(Path.Combine(_directory.FullName, "data"), await ErrorAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataDir_WrittenWithAnotherKeyOfAType_IsRefused()
    {
        var types = Path.Combine(_directory.FullName, "types.binpb");
        var set = FileDescriptorSet.Parser.ParseFrom(await File.ReadAllBytesAsync(HostProcess.PathOf("FeatureFlags.binpb")));
        await File.WriteAllBytesAsync(types, set.ToByteArray());
        await using (await StartAsync("--types", types))
        {
        }

        var key = set.File.SelectMany(file => file.MessageType).Single(message => message.Name == "FlagKey");
        key.Field[0].Number = 9;
        await File.WriteAllBytesAsync(types, set.ToByteArray());

        var error = await ErrorAsync("--types", types);
        Assert.StartsWith("error: The store was written with other types: ", error, StringComparison.Ordinal);
        Assert.Contains("Flag", error, StringComparison.Ordinal);
        Assert.Contains("empty --data-dir", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_WrongInSeveralWays_AreReportedTogether()
    {
        await using var controller = HostProcess.Start(
            "Notify.Controller", "--name", "x", "--store", "paper", "--grace", "never", "--object-bytes-max", "1", "--listen", "nowhere:x");

        Assert.Equal(2, await controller.ExitCodeAsync());
        foreach (var option in new[] { "--store: 'paper'", "--grace: 'never'", "--object-bytes-max: '1'", "--listen" })
        {
            Assert.Contains(controller.Errors, error => error.StartsWith("error: " + option, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task DataDir_WithAStoreInMemory_IsAMistake()
    {
        await using var controller = HostProcess.Start("Notify.Controller", "--name", "x", "--store", "memory", "--data-dir", "y");

        Assert.Equal(2, await controller.ExitCodeAsync());
        Assert.StartsWith("error: --data-dir: a store in memory has no folder.", controller.Errors.First(), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"pwrite64\((?<file>\d+)")]
    private static partial Regex FileOf();

    [GeneratedRegex(@"\)\s+= 0$")]
    private static partial Regex Returns();

    private string[] Arguments(string folder, params string[] options) =>
        ["--name", "top", "--listen", "127.0.0.1:0", "--settle", "0", "--data-dir", Path.Combine(_directory.FullName, folder), .. options];

    private Task<HostProcess> StartAsync(params string[] options) => HostProcess.StartListeningAsync("Notify.Controller", Arguments("data", options));

    private async Task<string> ErrorAsync(params string[] options)
    {
        await using var refused = HostProcess.Start("Notify.Controller", Arguments("data", options));
        Assert.Equal(1, await refused.ExitCodeAsync());
        return Assert.Single(refused.Errors, line => line.StartsWith("error: ", StringComparison.Ordinal));
    }

    private async Task<string> ErrorAfterFolderAsync(string after)
    {
        var prefix = $"error: {Path.Combine(_directory.FullName, "data")}{after}";
        var error = await ErrorAsync();
        Assert.StartsWith(prefix, error, StringComparison.Ordinal);
        return error[prefix.Length..];
    }
}
