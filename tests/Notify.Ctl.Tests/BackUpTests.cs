using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Protocol;
using Notify.Core.Storage;
using Notify.Server.Admin;
using Notify.Server.Transport;
using Notify.Storage.Embedded;

namespace Notify.Ctl.Tests;

public sealed class BackUpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task BackUpAndRestore_SayWhatTheyDid()
    {
        await using var store = Store("data");
        await using var server = await ServeAsync(store);

        var saved = await RunAsync(server, "backup", In("backup"));
        var restored = await CtlRun.StartAsync("restore", In("backup"), "--data-dir", In("new"), "--json");

        Assert.Equal((ExitCode.Ok, ""), (saved.Code, saved.Error));
        Assert.Matches(@"^0 objects at revision \d+ saved to .*backup \(\d+ bytes\)\n$", saved.Out);
        Assert.Equal(["backup", "data", "new"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(ExitCode.Ok, restored.Code);
        var json = JsonNode.Parse(restored.Out)!;
        Assert.Equal($"{store.Identity.Store:N}", (string?)json["store"]);
        await using var opened = Store("new");
        Assert.Equal(opened.Identity, new StoreIdentity(store.Identity.Store, Guid.Parse((string)json["incarnation"]!)));
        Assert.NotEqual(store.Identity.Incarnation, opened.Identity.Incarnation);
    }

    [Fact]
    public async Task BackUp_OverAFile_NeedsForce()
    {
        await using var store = Store("data");
        await using var server = await ServeAsync(store);
        var file = _folder.Write("backup", "precious");

        var refused = await RunAsync(server, "backup", file);
        var kept = await File.ReadAllTextAsync(file);
        var forced = await RunAsync(server, "backup", file, "--force", "--json");

        Assert.Equal((ExitCode.Usage, "precious"), (refused.Code, kept));
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, forced.Code);
        Assert.Equal(new FileInfo(file).Length, (long)JsonNode.Parse(forced.Out)!["bytes"]!);
    }

    [Fact]
    public async Task BackUp_ThatEndsWithoutDone_FailsAndLeavesNoFile()
    {
        await using var server = await CtlNode.StartServerAsync(endpoints => endpoints.MapGrpcServerStreaming(AdminMethods.BackUp, async (_, responses, call) =>
        {
            responses.Write(new BackUpResponse { Piece = ByteString.CopyFromUtf8("half"), Objects = 2, ObjectsSoFar = 1 });
            await responses.FlushAsync(call.CancellationToken);
        }));

        var run = await RunAsync(server, "backup", In("backup"));

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("ended the backup before it was whole", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task BackUp_ThatFallsSilent_EndsAfterTheTimeoutAndLeavesNoFile()
    {
        await using var server = await CtlNode.StartServerAsync(endpoints => endpoints.MapGrpcServerStreaming(AdminMethods.BackUp, async (_, responses, call) =>
        {
            responses.Write(new BackUpResponse { Piece = ByteString.CopyFromUtf8("half") });
            await responses.FlushAsync(call.CancellationToken);
            await Task.Delay(Timeout.Infinite, call.CancellationToken);
        }));

        var run = await RunAsync(server, "backup", In("backup"), "--timeout", "300ms");

        Assert.Equal(ExitCode.Unreachable, run.Code);
        Assert.Contains("sent nothing more within 300ms", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task BackUp_ThatIsInterrupted_LeavesTheFileBeforeAndNoOther()
    {
        await using var server = await CtlNode.StartServerAsync(endpoints => endpoints.MapGrpcServerStreaming(AdminMethods.BackUp, async (_, responses, call) =>
        {
            responses.Write(new BackUpResponse { Piece = ByteString.CopyFrom(new byte[1 << 20]) });
            await responses.FlushAsync(call.CancellationToken);
            await Task.Delay(Timeout.Infinite, call.CancellationToken);
        }));
        var file = _folder.Write("backup", "precious");
        TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using FileSystemWatcher watcher = new(_folder.Path, "backup.tmp");
        watcher.Changed += (_, _) => written.TrySetResult(); // The first piece is being written.
        watcher.EnableRaisingEvents = true;
        await using WatchRun run = new(new Uri(server.Urls.Single()).Authority, screen: null, noColor: null, "backup", file, "--force", "--timeout", "1m");
        await written.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(ExitCode.Failed, await run.InterruptAsync());

        Assert.Contains("interrupted", run.Error.Text, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(file));
        Assert.Equal([file], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task BackUp_OfANodeWithoutStoreInFiles_SaysSo()
    {
        await using var node = await CtlNode.StartAsync();

        var run = await node.RunAsync("backup", In("backup"));

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains($"{node.Address} keeps no store in files", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("nowhere/backup", "there is no folder")]
    [InlineData(".", "is a folder")]
    public async Task BackUp_ToNoFile_IsWrongUsage(string file, string expected)
    {
        var run = await CtlRun.StartAsync("backup", In(file));

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BackUp_InATerminal_ShowsHowFarItIs(bool isTerminal)
    {
        await using var store = Store("data");
        await using var server = await ServeAsync(store);

        var run = await CtlRun.StartAsync(["backup", In("backup"), "--address", server.Urls.Single()], "", isTerminal);

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Equal(isTerminal, run.Error.Contains("backing up", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Restore_OfADamagedBackup_SaysWhereAndMakesNoStore()
    {
        await using var store = Store("data");
        await using var server = await ServeAsync(store);
        await RunAsync(server, "backup", In("backup"));
        var bytes = await File.ReadAllBytesAsync(In("backup"));
        await File.WriteAllBytesAsync(In("short"), bytes[..^3]);
        bytes[^5] ^= 1;
        await File.WriteAllBytesAsync(In("flipped"), bytes);

        foreach (var name in new[] { "short", "flipped" })
        {
            var run = await CtlRun.StartAsync("restore", In(name), "--data-dir", In("new"));

            Assert.Equal(ExitCode.Failed, run.Code);
            Assert.Contains($"{In(name)} is damaged at offset ", run.Error, StringComparison.Ordinal);
            Assert.Contains("Nothing was restored.", run.Error, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(In("new"), "checkpoint*"));
        }
    }

    [Fact]
    public async Task Restore_IntoAFolderThatIsNotEmpty_IsRefused()
    {
        await using var store = Store("data");
        await using var server = await ServeAsync(store);
        await RunAsync(server, "backup", In("backup"));
        Directory.CreateDirectory(In("new"));
        await File.WriteAllTextAsync(Path.Combine(In("new"), "thesis.tex"), "");

        var full = await CtlRun.StartAsync("restore", In("backup"), "--data-dir", In("new"));
        var used = await CtlRun.StartAsync("restore", In("backup"), "--data-dir", In("data"));

        Assert.Equal((ExitCode.Failed, ExitCode.Failed), (full.Code, used.Code));
        Assert.Contains($"{In("new")} is not empty", full.Error, StringComparison.Ordinal);
        Assert.Contains($"{In("data")} is in use", used.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_OfNoFile_IsWrongUsage()
    {
        var run = await CtlRun.StartAsync("restore", In("none"), "--data-dir", In("new"));

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("there is no such file", run.Error, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(_folder.Path, name);

    private EmbeddedObjectStore Store(string folder) =>
        EmbeddedObjectStore.Open(In(folder), new Random(1), new EmbeddedStoreOptions(), NullLogger<EmbeddedObjectStore>.Instance);

    private static Task<WebApplication> ServeAsync(EmbeddedObjectStore store) => CtlNode.StartServerAsync(endpoints => endpoints.MapNotifyAdmin(store));

    private static Task<CtlRun> RunAsync(WebApplication server, params string[] arguments) => CtlRun.StartAsync([.. arguments, "--address", server.Urls.Single()]);
}
