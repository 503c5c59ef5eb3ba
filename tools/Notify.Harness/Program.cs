using System.CommandLine;
using Notify.Harness.World;

RootCommand root = new("Sample data for Notify, and checks of what nodes hold of it.") { WorldCommand.Create() };
return await root.Parse(args).InvokeAsync();
