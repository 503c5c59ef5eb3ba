using System.Collections.Immutable;
using System.Text;
using Google.Protobuf;
using Notify.Core.Sync;
using Notify.Core.Types;

namespace Notify.Testing.Tree;

/// <summary>
/// A small model without any generated code: apps refer to flavors, instances to apps; instances have a site as their scope; statuses are
/// dynamic and scoped, notes are dynamic and kept, alarms dynamic without a scope.
/// </summary>
internal static class TestTypes
{
    public const string Flavor = "t.Flavor";
    public const string App = "t.App";
    public const string Inst = "t.Inst";
    public const string Status = "t.Status";
    public const string Alarm = "t.Alarm";
    public const string Note = "t.Note";
    public const string Report = "t.Report";
    public const string Seal = "t.Seal";
    public const string Site = "t.SiteKey";

    private static readonly KeyLayout s_name = new([new KeyField(1, KeyFieldKind.Bytes)]);

    public static IReadOnlyList<TypeDeclaration> All { get; } =
    [
        new(Flavor, TypeKind.Stored, s_name),
        new(App, TypeKind.Stored, s_name) { RefersTo = [Flavor] },
        new(Inst, TypeKind.Stored, s_name) { ScopeType = Site, Filtered = true, RefersTo = [App] },
        new(Status, TypeKind.Dynamic, s_name) { ScopeType = Site, Filtered = true },
        new(Alarm, TypeKind.Dynamic, s_name),
        new(Note, TypeKind.Dynamic, s_name) { Flush = false },
    ];

    /// <summary>With shared types: reports have a site as their scope and refer to seals, which have none and are kept.</summary>
    public static IReadOnlyList<TypeDeclaration> WithShared { get; } =
    [
        .. All,
        new(Seal, TypeKind.Shared, s_name) { Flush = false },
        new(Report, TypeKind.Shared, s_name) { ScopeType = Site, Filtered = true, RefersTo = [Seal] },
    ];

    public static ByteString Key(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return ByteString.CopyFrom([0x0A, (byte)bytes.Length, .. bytes]);
    }

    public static ObjectId Id(string type, string name) => new(type, Key(name));

    public static Scope InSite(string site) => new(Site, Key(site));

    /// <summary>An object with a text as its value.</summary>
    public static Envelope Object(string type, string name, string value, string? site = null, params (string Type, string Name)[] refersTo) =>
        new(Id(type, name), ByteString.CopyFromUtf8(value))
        {
            Scopes = site is null ? [] : [InSite(site)],
            References = [.. refersTo.Select(target => Id(target.Type, target.Name))],
        };

    public static Interest WithSite(this Interest interest, string site) => interest
        .With(Inst, Selector.In(InSite(site)))
        .With(App, Selector.Referred)
        .With(Flavor, Selector.Referred);

    public static string Name(ObjectId id) => id.Key.Length > 2 ? Encoding.UTF8.GetString(id.Key.Span[2..]) : "";

    /// <summary>All objects of a view as "type/name=value", for plain comparison.</summary>
    public static ImmutableSortedSet<string> Content(Core.Caches.MirrorSnapshot snapshot, params IEnumerable<string> types) =>
        [.. (types.Any() ? types : All.Select(type => type.Name))
            .SelectMany(snapshot.List)
            .Select(envelope => $"{envelope.Id.Type[2..]}/{Name(envelope.Id)}={envelope.Value.ToStringUtf8()}")];

    private static IEnumerable<Envelope> List(this Core.Caches.MirrorSnapshot snapshot, string type) => snapshot.List(type, null);
}
