using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;

namespace Notify.Harness.Demo;

/// <summary>
/// A controller, two resource managers and a matching engine, each a process of its own, and what they must hold of the sample world. The
/// matching engine reaches the controller over a line that can be cut.
/// </summary>
internal sealed class Deployment : DemoWorld
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("notify-demo-");
    private TcpProxy? _line;

    public Deployment(string repository, Undertaker undertaker)
        : base(repository, undertaker)
    {
        Controller = Create("Notify.Controller", "controller", "--settle", Seconds(SettleTime), "--data-dir", _data.FullName);
        HomeCrm = Controller;
        AwayCrm = Controller;
        Dme = Controller;
    }

    public override string Title => "a controller, two CRMs and a DME";

    public override NodeProcess Controller { get; }

    public NodeProcess Dme { get; private set; }

    public override IReadOnlyList<NodeProcess> Nodes => [.. new[] { Controller, HomeCrm, AwayCrm, Dme }.Distinct()];

    public override IReadOnlyList<NodeProcess> Mortals => [AwayCrm];

    /// <summary>The line between the matching engines and the controller.</summary>
    public TcpProxy Line => _line ?? throw new InvalidOperationException("The deployment was not started.");

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Controller.StartAsync(cancellationToken);
        var upstream = Controller.Address.Authority;
        _line = new TcpProxy(Controller.Address.Host, Controller.Address.Port);
        HomeCrm = Create("Notify.Crm", Home.Node, "--upstream", upstream, "--cloudlet", Home.ToString());
        AwayCrm = Create("Notify.Crm", Away.Node, "--upstream", upstream, "--cloudlet", Away.ToString());
        Dme = Create("Notify.Dme", "dme", "--upstream", Line.Address.Authority);
        await Task.WhenAll(new[] { HomeCrm, AwayCrm, Dme }.Select(node => node.StartAsync(cancellationToken)));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        // The leaves first, so that they say goodbye to somebody.
        await Task.WhenAll(Nodes.Skip(1).Select(node => node.DisposeAsync().AsTask()));
        await Controller.DisposeAsync();
        if (_line is not null)
            await _line.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
