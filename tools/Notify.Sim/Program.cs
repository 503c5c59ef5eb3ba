using Notify.Simulation;
using Notify.Simulation.Plans;

var seed = long.Parse(args[0]);
var count = int.Parse(args[1]);
var watch = System.Diagnostics.Stopwatch.StartNew();
var bad = 0;
var next = seed - 1;
var frames = new System.Collections.Concurrent.ConcurrentBag<long>();
var threads = Enumerable.Range(0, args.Length > 2 ? 1 : 2).Select(_ => new Thread(() =>
{
    while (Interlocked.Increment(ref next) is var s && s < seed + count)
    {
        var plan = PlanGenerator.Generate(s);
        var world = new World(plan, args.Length > 2);
        if (args.Length > 2)
        {
            var probe = new World(plan);
            probe.Run();
            if (probe.Violation is { } found)
            {
                var shrinker = new Notify.Simulation.Running.Shrinker(found.Checker, TimeSpan.FromSeconds(40));
                plan = shrinker.Shrink(plan);
                Console.WriteLine($"{shrinker.Runs} runs; {plan.Faults}; {plan.Steps.Length} steps");
                foreach (var node in plan.Nodes) Console.WriteLine($"{node.Name} {node.Schema} {string.Join(',', node.Versions)} {node.Interest}");
                foreach (var step in plan.Steps) Console.WriteLine(step);
                world = new World(plan, true);
            }
        }

        world.Run();
        frames.Add(world.Statistics.DeliveredFrames);
        if (world.Violation is { } v)
        {
            Interlocked.Increment(ref bad);
            Console.WriteLine($"{s}: {v.ToString().Split((char)10)[0]}");
        }

        if (args.Length > 2)
        {
            foreach (var line in world.Trace.Lines)
            {
                Console.WriteLine(line);
            }
        }
    }
})).ToList();
threads.ForEach(t => t.Start());
threads.ForEach(t => t.Join());
Console.WriteLine($"{count} seeds, {bad} violations, {count / watch.Elapsed.TotalSeconds:0.0} seeds/s, median frames {frames.Order().ElementAt(frames.Count / 2)}");
