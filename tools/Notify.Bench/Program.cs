using System.CommandLine;
using Notify.Bench;
using Notify.Storage.Etcd;

var json = new Option<bool>("--json") { Description = "Print the figures as JSON, for scripts." };
var directory = new Option<string>("--dir")
{
    Description = "Folder on the disk to measure; what is written there is deleted again.",
    HelpName = "DIR",
    DefaultValueFactory = _ => Path.GetTempPath(),
};
var seconds = new Option<double>("--seconds") { Description = "How long each figure is measured.", HelpName = "N", DefaultValueFactory = _ => 5 };
var objects = new Option<int>("--objects")
{
    Description = "How many objects the store has that is started again.",
    HelpName = "N",
    DefaultValueFactory = _ => 1_000_000,
};
var store = new Command("store", "The embedded store: commits a second beside what the disk can sync, and the time to start.")
{
    directory, seconds, objects, json,
};
store.SetAction((parsed, cancellationToken) => StoreBench.RunAsync(
    parsed.GetRequiredValue(directory), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(objects), new Figures(parsed.GetValue(json)), cancellationToken));
var endpoint = new Option<string>("--etcd") { Description = "A member of the cluster.", HelpName = "URL", DefaultValueFactory = _ => EtcdSettings.DefaultEndpoints };
var etcd = new Command("etcd", "The store in etcd, over a cluster that runs: commits a second, and the time to load.") { endpoint, seconds, objects, json };
etcd.SetAction((parsed, cancellationToken) => EtcdBench.RunAsync(
    new Uri(parsed.GetRequiredValue(endpoint)), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(objects), new Figures(parsed.GetValue(json)), cancellationToken));
return await new RootCommand("Measures Notify. Examples:\n  tools/bench store\n  tools/bench store --dir /var/lib/notify --seconds 10 --json\n  tools/bench etcd --objects 100000") { store, etcd }
    .Parse(args).InvokeAsync();
