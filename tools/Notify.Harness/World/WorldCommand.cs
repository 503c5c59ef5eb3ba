using System.CommandLine;

namespace Notify.Harness.World;

/// <summary><c>world --out FOLDER</c>: writes the sample world.</summary>
internal static class WorldCommand
{
    public static Command Create()
    {
        Option<FileInfo> tab = new("--tab")
        {
            Description = "The tz database's zone1970.tab.",
            DefaultValueFactory = _ => new FileInfo("samples/zone1970.tab"),
        };
        tab.AcceptExistingOnly();
        Option<DirectoryInfo> output = new("--out")
        {
            Description = "Folder for the files. YAML files in it that are no part of the world are removed.",
            Required = true,
        };
        Command command = new("world", "Write the sample world as YAML.") { tab, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lines = await File.ReadAllLinesAsync(parsed.GetRequiredValue(tab).FullName, cancellationToken);
            var world = WorldBuilder.Build(Zone1970.Read(lines)).ToList();
            await WorldFiles.WriteAsync(world, parsed.GetRequiredValue(output).FullName, cancellationToken);
            foreach (var type in world.GroupBy(o => o.Message.Descriptor.Name))
                Console.WriteLine($"{type.Count(),6} {type.Key}");
            Console.WriteLine($"{world.Count,6} in all");
            return 0;
        });
        return command;
    }
}
