using System.Text;
using Google.Protobuf;
using Notify.Core.Storage.Sharing;
using Notify.Core.Types;

namespace Notify.Simulation;

/// <summary>
/// The types of the simulated world, without generated code. Stored: instances with sites as scopes refer to apps and pools, apps to
/// flavors; a pool may have a site of its own. Dynamic: statuses with a site refer to details; alarms stand alone, notes are kept. Shared: reports with
/// a site refer to seals, which are kept.
/// </summary>
internal static class SimTypes
{
    public const string Flavor = "s.Flavor";
    public const string App = "s.App";
    public const string Pool = "s.Pool";
    public const string Inst = "s.Inst";
    public const string Status = "s.Status";
    public const string Detail = "s.Detail";
    public const string Alarm = "s.Alarm";
    public const string Note = "s.Note";
    public const string Report = "s.Report";
    public const string Seal = "s.Seal";
    public const string Site = "s.SiteKey";

    public static IReadOnlyList<string> Stored { get; } = [Flavor, App, Pool, Inst];

    public static IReadOnlyList<string> Dynamic { get; } = [Status, Detail, Alarm, Note];

    public static IReadOnlyList<string> All { get; } = [.. Stored, .. Dynamic];

    /// <summary>In worlds that have them.</summary>
    public static IReadOnlyList<string> Shared { get; } = [Report, Seal];

    /// <summary>All that a store may have, with the records of controllers.</summary>
    public static IReadOnlyList<string> InStore { get; } = [.. Stored, .. Shared, Records.Controllers.Name, Records.Attachments.Name];

    /// <summary>All that a mirror may have.</summary>
    public static IReadOnlyList<string> InMirror { get; } = [.. InStore, .. Dynamic];

    private static readonly KeyLayout s_name = new([new KeyField(1, KeyFieldKind.Bytes)]);

    private static readonly TypeDeclaration[] s_shared =
    [
        new(Seal, TypeKind.Shared, s_name) { Flush = false },
        new(Report, TypeKind.Shared, s_name) { ScopeType = Site, Filtered = true, RefersTo = [Seal] },
    ];

    /// <summary>The declarations of a schema version. Older ones know fewer references, newer ones one more.</summary>
    public static IReadOnlyList<TypeDeclaration> Declarations(SchemaVersion version, bool hasShared)
    {
        var isOld = version == SchemaVersion.Old;
        return
        [
            new(Flavor, TypeKind.Stored, s_name),
            new(App, TypeKind.Stored, s_name) { RefersTo = isOld ? [] : [Flavor] },
            new(Pool, TypeKind.Stored, s_name) { ScopeType = Site },
            new(Inst, TypeKind.Stored, s_name)
            {
                ScopeType = Site,
                Filtered = true,
                RefersTo = version == SchemaVersion.New ? [App, Pool, Flavor] : isOld ? [App] : [App, Pool],
            },
            new(Status, TypeKind.Dynamic, s_name) { ScopeType = Site, Filtered = true, RefersTo = [Detail] },
            new(Detail, TypeKind.Dynamic, s_name),
            new(Alarm, TypeKind.Dynamic, s_name),
            new(Note, TypeKind.Dynamic, s_name) { Flush = false },
            .. hasShared ? s_shared : [],
        ];
    }

    public static bool IsDynamic(string type) => Dynamic.Contains(type);

    public static bool IsShared(string type) => type is Report or Seal;

    public static ObjectId Id(string type, string name) => new(type, Key(name));

    public static Scope InSite(int site) => new(Site, Key($"site{site}"));

    public static string Name(ObjectId id) =>
        id.Key.Length > 2 ? $"{id.Type[2..]}/{Encoding.UTF8.GetString(id.Key.Span[2..])}" : id.ToString();

    private static ByteString Key(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return ByteString.CopyFrom([0x0A, (byte)bytes.Length, .. bytes]);
    }
}
