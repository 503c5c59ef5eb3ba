using System.Text.Json.Nodes;

namespace Notify.Harness.Expectations;

/// <summary>
/// Says what a mirror must hold, from sample files as they lie on disk. Independent of the product on purpose: it reads the files
/// itself, compiles no proto file and knows scopes and references from the tables below, which were written by hand. Follows changes
/// by <see cref="Put"/> and <see cref="Delete"/>. Not thread-safe.
/// </summary>
internal sealed class Oracle
{
    private readonly Dictionary<(string Type, string Key), Entry> objects = [];

    /// <summary>Reads files and folders of samples; a later object replaces an earlier one of its key.</summary>
    /// <exception cref="FormatException">A file is not of the samples' format.</exception>
    public static Oracle Load(params string[] paths)
    {
        Oracle oracle = new();
        foreach (var sample in paths.SelectMany(SampleFiles.Read))
            oracle.Put(sample);
        return oracle;
    }

    /// <summary>Every object.</summary>
    public IReadOnlyCollection<MirrorObject> All => [.. objects.Values.Select(o => o.Object)];

    /// <summary>Adds an object or replaces the one of its key; gives it in its comparable form.</summary>
    public MirrorObject Put(SampleObject sample)
    {
        var fields = (JsonObject)sample.Fields.DeepClone();
        var added = MirrorObject.From(sample.Type, fields);
        objects[(added.Type, added.Key)] = new(added, fields, ScopeOf(added.Type, fields));
        return added;
    }

    /// <summary>Removes an object; false if there was none.</summary>
    /// <param name="key">The key in proto3 JSON.</param>
    public bool Delete(string type, JsonObject key) => objects.Remove((type, CanonicalJson.Write(key)));

    /// <summary>
    /// What the resource manager of a cloudlet must hold: all objects in the cloudlet's scope, and what they refer to, directly or not,
    /// that has no scope of its own. References to objects that do not exist are no fault.
    /// </summary>
    public IReadOnlySet<MirrorObject> ExpectedForCloudlet(string organization, string name)
    {
        var scope = KeyOf(("organization", organization), ("name", name));
        HashSet<MirrorObject> expected = [];
        Queue<Entry> referring = new(objects.Values.Where(o => o.Scope == scope));
        while (referring.TryDequeue(out var entry))
        {
            if (!expected.Add(entry.Object))
                continue;
            foreach (var target in ReferencesOf(entry.Object.Type, entry.Fields).Where(t => !IsScoped(t.Type)))
            {
                if (objects.TryGetValue(target, out var found))
                    referring.Enqueue(found);
            }
        }

        return expected;
    }

    /// <summary>What a matching engine must hold of the store: all Apps and AppInsts, and the Settings.</summary>
    public IReadOnlySet<MirrorObject> ExpectedForDme() => OfTypes("App", "AppInst", "Settings");

    /// <summary>All objects of some types.</summary>
    public IReadOnlySet<MirrorObject> OfTypes(params string[] types) =>
        objects.Values.Select(o => o.Object).Where(o => types.Contains(o.Type)).ToHashSet();

    /// <summary>References whose target does not exist, as who refers to what.</summary>
    public IReadOnlyList<(MirrorObject From, string Type, string Key)> Dangling() =>
    [
        .. from entry in objects.Values
           from target in ReferencesOf(entry.Object.Type, entry.Fields)
           where !objects.ContainsKey(target)
           select (entry.Object, target.Type, target.Key),
    ];

    private static bool IsScoped(string type) => type is "AppInst" or "ClusterInst" or "Cloudlet";

    private static string? ScopeOf(string type, JsonObject fields) => type switch
    {
        "AppInst" => Key(fields["cloudletKey"]),
        "ClusterInst" => Key(fields["key"]?["cloudletKey"]),
        "Cloudlet" => Key(fields["key"]),
        _ => null,
    };

    private static IEnumerable<(string Type, string Key)> ReferencesOf(string type, JsonObject fields)
    {
        IEnumerable<(string Type, string? Key)> candidates = type switch
        {
            "App" => [("Flavor", Key(fields["defaultFlavor"]))],
            "AppInst" =>
            [
                ("App", Key(fields["appKey"])),
                ("Cloudlet", Key(fields["cloudletKey"])),
                ("ClusterInst", Key(fields["clusterKey"])),
                ("Flavor", Key(fields["flavor"])),
            ],
            "ClusterInst" => [("Cloudlet", Key(fields["key"]?["cloudletKey"])), ("Flavor", Key(fields["flavor"]))],
            "Cloudlet" =>
            [
                ("VMPool", Pool(fields["key"]?["organization"]?.ToString(), fields["vmPool"]?.ToString())),
                ("GPUDriver", Key(fields["gpuDriver"])),
                ("Flavor", Key(fields["flavor"])),
            ],
            _ => [],
        };
        return from candidate in candidates where candidate.Key is not null select (candidate.Type, candidate.Key);
    }

    private static string? Key(JsonNode? key) => key is JsonObject fields ? CanonicalJson.Write(fields) : null;

    private static string? Pool(string? organization, string? name) =>
        string.IsNullOrEmpty(organization) || string.IsNullOrEmpty(name) ? null : KeyOf(("organization", organization), ("name", name));

    private static string KeyOf(params (string Name, string Value)[] fields) =>
        CanonicalJson.Write(new JsonObject(fields.Select(f => KeyValuePair.Create(f.Name, (JsonNode?)f.Value))));

    private sealed record Entry(MirrorObject Object, JsonObject Fields, string? Scope);
}
