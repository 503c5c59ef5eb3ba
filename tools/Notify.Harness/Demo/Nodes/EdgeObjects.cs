using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Protocol;
using Notify.Edge;
using Notify.Harness.Expectations;

namespace Notify.Harness.Demo.Nodes;

/// <summary>Objects of the edge model between the files, the wire and the form that is compared.</summary>
internal static class EdgeObjects
{
    private const string Package = "edge.v1.";

    /// <summary>The message types of the edge model.</summary>
    public static TypeRegistry Registry { get; } = TypeRegistry.FromFiles(
        AlertReflection.Descriptor,
        AppReflection.Descriptor,
        AppInstReflection.Descriptor,
        CloudletReflection.Descriptor,
        ClusterInstReflection.Descriptor,
        DebugReflection.Descriptor,
        ExecReflection.Descriptor,
        FlavorReflection.Descriptor,
        GpuDriverReflection.Descriptor,
        MetricReflection.Descriptor,
        NodeReflection.Descriptor,
        SettingsReflection.Descriptor,
        VmPoolReflection.Descriptor);

    /// <summary>Types that live in the store: what a mirror holds besides them was published by nodes.</summary>
    public static IReadOnlySet<string> Stored { get; } =
        new HashSet<string> { "App", "AppInst", "Cloudlet", "ClusterInst", "Flavor", "VMPool", "GPUDriver", "Settings" };

    /// <summary>The full name of a type, which may be written without the package.</summary>
    public static string FullName(string type) => type.Contains('.', StringComparison.Ordinal) ? type : Package + type;

    /// <summary>The name of a type without package and URL.</summary>
    public static string ShortName(string type) => type[(type.LastIndexOfAny(['.', '/']) + 1)..];

    /// <summary>Whether a type, by its full name or its URL, is of the model. Controllers have records of their own in the store besides.</summary>
    public static bool IsOfModel(string type) => type[(type.LastIndexOf('/') + 1)..].StartsWith(Package, StringComparison.Ordinal);

    /// <summary>The object of a sample file as it goes into a request.</summary>
    /// <exception cref="CheckFailedException">It is of no type of the model.</exception>
    public static Any Pack(SampleObject sample) => Any.Pack(Parse(sample));

    /// <summary>The object of a sample file as a message.</summary>
    /// <exception cref="CheckFailedException">It is of no type of the model.</exception>
    public static IMessage Parse(SampleObject sample) => Descriptor(sample.Type).Parser.ParseJson(sample.Fields.ToJsonString());

    /// <summary>The message in an answer.</summary>
    public static IMessage Unpack(Any any) => Descriptor(ShortName(any.TypeUrl)).Parser.ParseFrom(any.Value);

    /// <summary>An answer's object in the form that is compared.</summary>
    public static MirrorObject Compare(ObjectView view) => Compare(Unpack(view.Value));

    /// <summary>A message in the form that is compared.</summary>
    public static MirrorObject Compare(IMessage message) =>
        MirrorObject.FromJson(message.Descriptor.Name, JsonFormatter.Default.Format(message));

    /// <summary>The sample form of a message, for the oracle.</summary>
    public static SampleObject Sample(IMessage message) => new(
        message.Descriptor.Name,
        (System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse(JsonFormatter.Default.Format(message))!);

    private static MessageDescriptor Descriptor(string type) =>
        Registry.Find(FullName(type)) ?? throw new CheckFailedException($"the edge model has no type {type}");
}
