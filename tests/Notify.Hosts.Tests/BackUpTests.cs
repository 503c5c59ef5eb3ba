using System.Text.Json;
using Notify.Core.Protocol;
using Notify.Edge;
using Notify.Hosts.Tests.Support;

namespace Notify.Hosts.Tests;

/// <summary>A backup taken from a running controller, and a controller started from it.</summary>
public sealed class BackUpTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("notify-backup-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Restore_OfABackup_BringsItsObjectsBack_AndRunningLeavesSyncAnew()
    {
        var backup = In("backup");
        App late = new() { Key = World.AppKey("late") };
        await using var old = await StartAsync("old", port: 0);
        await old.PutAsync(World.All);
        await using var dme = await HostProcess.StartListeningAsync("Notify.Dme", "--name", "dme", "--upstream", old.Address);
        await using var crm = await HostProcess.StartListeningAsync("Notify.Crm", "--name", "crm-west", "--cloudlet", "oper/west", "--upstream", old.Address);
        await Eventually.SetAsync(["maps-west Ready maps-west.example"], dme.AppInstStatesAsync, "the DME's instance states");

        using var saved = await CtlAsync("backup", backup, "--address", old.Address);
        await old.PutAsync(late, new Flavor(World.Small) { RamMb = 4711 });
        for (var i = 0; i < 50; i++)
        {
            // The resource manager's reports make revisions after the restore, too: far fewer than these.
            await old.PutAsync(new App(late) { ImagePath = $"image-{i}" });
        }

        await Eventually.SetAsync([World.Maps.Key, World.Chess.Key, late.Key], AppsAsync, "the DME's apps before the restore");
        var before = StoredSpace(await dme.StatusAsync());
        old.Signal("TERM");
        Assert.Equal(0, await old.ExitCodeAsync());

        using var restored = await CtlAsync("restore", backup, "--data-dir", In("new"));
        await using var controller = await StartAsync("new", port: int.Parse(old.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));

        // What the resource manager has published is in the store, too, with the records of the controller and of whom it speaks for.
        Assert.Equal(World.All.Count + 4, saved.RootElement.GetProperty("objects").GetInt64());
        Assert.Equal(saved.RootElement.GetProperty("revision").GetInt64(), restored.RootElement.GetProperty("revision").GetInt64());
        Assert.Equal(World.Small, Assert.Single(await controller.ListAsync<Flavor>()));

        // What was written after the backup is gone, at leaves that had it too; what they had before stays.
        await Eventually.SetAsync([World.Maps.Key, World.Chess.Key], AppsAsync, "the DME's apps after the restore");
        await Eventually.SetAsync(["maps-west Ready maps-west.example"], controller.AppInstStatesAsync, "the instance states at the new controller");
        var after = StoredSpace(await dme.StatusAsync());
        Assert.Equal(before.Space.Id, after.Space.Id);
        Assert.Equal(restored.RootElement.GetProperty("incarnation").GetString(), after.Space.Incarnation);
        Assert.NotEqual(before.Space.Incarnation, after.Space.Incarnation);

        // Its revisions are below those that the leaves knew of the old incarnation, and count.
        var put = await controller.PutAsync(new App { Key = World.AppKey("newer") });
        Assert.True(put.Revision <= before.Revision, $"revision {put.Revision} after the restore, {before.Revision} before");
        await Eventually.SetAsync([World.Maps.Key, World.Chess.Key, World.AppKey("newer")], AppsAsync, "the DME's apps after a write");

        Task<IReadOnlyCollection<AppKey>> AppsAsync() => KeysAsync(dme);
    }

    [Fact]
    public async Task BackUp_WhileCommitsGoOn_HasOneRevision()
    {
        await using var controller = await StartAsync("data", port: 0);
        using CancellationTokenSource stop = new();
        var (both, writes) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                // Two objects of one commit: a backup that has one of them in another version was torn.
                await controller.PutAsync(new Flavor { Key = new() { Name = "a" }, RamMb = (ulong)i }, new Flavor { Key = new() { Name = "b" }, RamMb = (ulong)i });
                if (++writes == 3)
                    both.SetResult();
            }
        });
        await both.Task.WaitAsync(Eventually.Patience);

        for (var i = 0; i < 3; i++)
        {
            using var saved = await CtlAsync("backup", In("backup"), "--force", "--address", controller.Address);
            using var restored = await CtlAsync("restore", In("backup"), "--data-dir", In($"restored-{i}"));
            await using var copy = await StartAsync($"restored-{i}", port: 0);
            var flavors = await copy.ListAsync<Flavor>();
            Assert.Equal(2, flavors.Count);
            Assert.Single(flavors.Select(flavor => flavor.RamMb).Distinct());
        }
        await stop.CancelAsync();
        await writing;
    }

    private static async Task<IReadOnlyCollection<AppKey>> KeysAsync(HostProcess node) => [.. (await node.ListAsync<App>()).Select(app => app.Key)];

    private static SpaceStatus StoredSpace(NodeStatus status) => status.Spaces.Single(space => space.Space.Kind == SpaceKind.Stored);

    private static async Task<JsonDocument> CtlAsync(params string[] arguments)
    {
        await using var run = HostProcess.Start("notifyctl", [.. arguments, "--json"]);
        var code = await run.ExitCodeAsync();
        Assert.True(code == 0, $"notifyctl {string.Join(' ', arguments)} ended with {code}: {string.Join('\n', run.Errors)}");
        return JsonDocument.Parse(string.Concat(run.Output));
    }

    private string In(string name) => Path.Combine(_directory.FullName, name);

    private Task<HostProcess> StartAsync(string folder, int port) => HostProcess.StartListeningAsync(
        "Notify.Controller", "--name", "top", "--listen", $"127.0.0.1:{port}", "--settle", "0", "--data-dir", In(folder));
}
