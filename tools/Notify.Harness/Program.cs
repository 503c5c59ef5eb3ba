using System.CommandLine;
using Notify.Harness.Demo;
using Notify.Harness.World;

RootCommand root = new("Sample data for Notify, the demo, and checks of what nodes hold.") { WorldCommand.Create(), DemoCommand.Create() };

// The demo ends its processes before it ends itself; the default of two seconds is short for that on a busy machine.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(15) });
