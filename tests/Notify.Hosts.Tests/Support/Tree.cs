namespace Notify.Hosts.Tests.Support;

/// <summary>A controller, a resource manager per cloudlet and a matching engine, as processes on free ports of the loopback.</summary>
internal sealed class Tree : IAsyncDisposable
{
    private static readonly string[] s_anyPort = ["--listen", "127.0.0.1:0"];
    private readonly List<HostProcess> _all = [];

    public HostProcess Controller { get; private set; } = null!; // Set by StartAsync, the only way to get an instance.

    public static async Task<Tree> StartAsync(params IEnumerable<string> controllerOptions)
    {
        var tree = new Tree();
        tree.Controller = await tree.AddAsync(
            "Notify.Controller", ["--name", "top", "--listen", "127.0.0.1:0", "--settle", "0", "--store", "memory", .. controllerOptions]);
        return tree;
    }

    public Task<HostProcess> AddCrmAsync(string cloudlet, params IEnumerable<string> options) => AddCrmAsync(Controller, cloudlet, options);

    public Task<HostProcess> AddCrmAsync(HostProcess upstream, string cloudlet, params IEnumerable<string> options) => AddAsync(
        "Notify.Crm", ["--name", "crm-" + cloudlet, "--cloudlet", "oper/" + cloudlet, "--upstream", upstream.Address, .. options]);

    public Task<HostProcess> AddDmeAsync(params IEnumerable<string> options) => AddDmeAsync(Controller, options);

    public Task<HostProcess> AddDmeAsync(HostProcess upstream, params IEnumerable<string> options) =>
        AddAsync("Notify.Dme", ["--name", "dme", "--upstream", upstream.Address, .. options]);

    public Task<HostProcess> AddDmeAsync(string name, HostProcess upstream) => AddAsync("Notify.Dme", ["--name", name, "--upstream", upstream.Address]);

    public Task<HostProcess> AddRelayAsync(HostProcess upstream, string name, params IEnumerable<string> options) => AddAsync(
        "Notify.Relay",
        ["--name", name, "--settle", "0.5", "--linger", "0", "--upstream", upstream.Address, .. options.Contains("--listen") ? [] : s_anyPort, .. options]);

    /// <summary>Loads the world, and adds a relay below the controller and another one below that.</summary>
    public async Task<(HostProcess Upper, HostProcess Lower)> LoadAboveTwoRelaysAsync()
    {
        await Controller.PutAsync(World.All);
        var upper = await AddRelayAsync(Controller, "relay-1");
        return (upper, await AddRelayAsync(upper, "relay-2"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _all)
        {
            await host.DisposeAsync();
        }
    }

    private async Task<HostProcess> AddAsync(string program, IEnumerable<string> arguments)
    {
        var host = HostProcess.Start(program, arguments);
        _all.Add(host);
        await host.ListeningAsync();
        return host;
    }
}
