using Notify.Core.Transport;
using Notify.Harness.Demo.Nodes;
using Notify.Harness.Demo.Processes;
using Spectre.Console;

namespace Notify.Harness.Demo.View;

/// <summary>Runs a world and shows it, on a screen or, where there is none, as lines, until cancelled.</summary>
internal static class DemoShow
{
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LineTime = TimeSpan.FromSeconds(2);
    private const int LinesPerChangeMax = 3;

    public static async Task<int> RunAsync(DemoWorld demo, CancellationToken cancellationToken)
    {
        AnsiConsole.MarkupLine($"Starting {demo.Title} ...");
        await demo.StartAsync(cancellationToken);
        var isTerminal = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true };
        await LoadAsync(demo, isTerminal, cancellationToken);

        DemoModel model = new(demo.Nodes.Select(node => node.Name));
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        DemoActivity activity = new(demo, model);
        // Whoever of them ends first, by failing, ends the show.
        Task[] running =
        [
            .. demo.Nodes.Select(node => FollowAsync(demo, node, model, done.Token)),
            FollowEventsAsync(demo, model, done.Token),
            activity.RunAsync(done.Token),
            isTerminal ? DrawAsync(model, done.Token) : WriteLinesAsync(model, done.Token),
        ];
        try
        {
            await await Task.WhenAny(running);
        }
        finally
        {
            await done.CancelAsync();
            await Task.WhenAll(running).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            if (isTerminal)
                AnsiConsole.MarkupLine("Stopping the nodes ...");
        }

        return 0;
    }

    private static async Task LoadAsync(DemoWorld demo, bool isTerminal, CancellationToken cancellationToken)
    {
        if (!isTerminal)
        {
            var revision = await demo.LoadAsync((_, _) => { }, cancellationToken);
            Console.WriteLine($"Loaded {demo.Oracle.All.Count} objects, revision {revision}.");
            return;
        }

        await AnsiConsole.Progress().AutoClear(true).StartAsync(async progress =>
        {
            var bar = progress.AddTask("Loading the world");
            await demo.LoadAsync((written, all) => (bar.MaxValue, bar.Value) = (all, written), cancellationToken);
        });
    }

    private static async Task FollowAsync(DemoWorld demo, NodeProcess node, DemoModel model, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (node.IsRunning)
                    model.Update(NodeView.From(await demo.Client(node).StatusAsync(cancellationToken), node.Address.Authority));
                else
                    model.Lost(node.Name);
            }
            catch (GrpcException) when (!cancellationToken.IsCancellationRequested)
            {
                model.Lost(node.Name);
            }

            await Task.Delay(FrameTime, cancellationToken);
        }
    }

    private static async Task FollowEventsAsync(DemoWorld demo, DemoModel model, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await foreach (var change in demo.Client(demo.Controller).WatchAsync([], cancellationToken))
                {
                    if (!change.IsInitial)
                        AddEvents(model, change);
                }
            }
            catch (GrpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                model.AddEvent($"{DateTime.Now:HH:mm:ss} the controller does not answer: {e.Code}");
            }

            await Task.Delay(LineTime, cancellationToken);
        }
    }

    private static void AddEvents(DemoModel model, WatchedChange change)
    {
        model.AddChanges(change.Events.Count);
        // A node that comes or goes brings dozens of events of a type at once: they share a line.
        foreach (var group in change.Events.GroupBy(e => change.Events.Count > LinesPerChangeMax ? EventText.Kind(e) : EventText.Of(e)))
            model.AddEvent($"{DateTime.Now:HH:mm:ss} {group.Key}{(group.Count() > 1 ? $" ×{group.Count()}" : "")}");
    }

    private static async Task DrawAsync(DemoModel model, CancellationToken cancellationToken)
    {
        // The terminal's second screen: at the end the user's own comes back as it was.
        Console.Write("\e[?1049h\e[?25l");
        try
        {
            while (true)
            {
                var profile = AnsiConsole.Console.Profile;
                Console.Write(DemoFrame.Compose(model.View(), profile.Width, profile.Height, profile.Capabilities.ColorSystem));
                await Task.Delay(FrameTime, cancellationToken);
            }
        }
        finally
        {
            Console.Write("\e[?25h\e[?1049l");
        }
    }

    private static async Task WriteLinesAsync(DemoModel model, CancellationToken cancellationToken)
    {
        while (true)
        {
            var view = model.View();
            var nodes = view.Nodes.Select(n => $"{n.Name} {n.State} revision {n.Revision} lag {n.Lag} objects {n.Objects.Values.Sum()}");
            Console.WriteLine($"{string.Join("; ", nodes)}; {view.Changes} changes");
            await Task.Delay(LineTime, cancellationToken);
        }
    }
}
