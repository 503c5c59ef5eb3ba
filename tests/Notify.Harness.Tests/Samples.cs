using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Edge;
using Notify.Harness.Expectations;
using Notify.Harness.World;

namespace Notify.Harness.Tests;

/// <summary>The sample files of the repository.</summary>
internal static class Samples
{
    public static string Folder { get; } = Find("samples");

    public static string WorldFolder => Path.Combine(Folder, "world");

    public static string PlainFolder => Path.Combine(Folder, "plain");

    public static IReadOnlyList<Place> Places { get; } = Zone1970.Read(File.ReadLines(Path.Combine(Folder, "zone1970.tab")));

    /// <summary>The world as the generator makes it now.</summary>
    public static IReadOnlyList<WorldObject> Generated { get; } = [.. WorldBuilder.Build(Places)];

    /// <summary>The world as it lies in the repository.</summary>
    public static IReadOnlyList<SampleObject> Committed { get; } = [.. SampleFiles.Read(WorldFolder)];

    /// <summary>The message that a sample object is, by the protobuf runtime's own JSON parser.</summary>
    public static IMessage Parse(SampleObject sample) => Descriptor(sample.Type).Parser.ParseJson(sample.Fields.ToJsonString());

    public static MessageDescriptor Descriptor(string type) => EdgeFiles
        .SelectMany(file => file.MessageTypes)
        .Single(m => m.Name == type || m.FullName == type);

    /// <summary>The files of package edge.v1.</summary>
    public static IReadOnlyList<FileDescriptor> EdgeFiles { get; } =
    [
        AlertReflection.Descriptor,
        AppReflection.Descriptor,
        AppInstReflection.Descriptor,
        CloudletReflection.Descriptor,
        CloudletKeyReflection.Descriptor,
        ClusterInstReflection.Descriptor,
        DebugReflection.Descriptor,
        ExecReflection.Descriptor,
        FlavorReflection.Descriptor,
        GpuDriverReflection.Descriptor,
        LocationReflection.Descriptor,
        MetricReflection.Descriptor,
        NodeReflection.Descriptor,
        SettingsReflection.Descriptor,
        VmPoolReflection.Descriptor,
    ];

    private static string Find(string folder)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Notify.sln")))
                return Path.Combine(at.FullName, folder);
        }

        throw new DirectoryNotFoundException("Notify.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
