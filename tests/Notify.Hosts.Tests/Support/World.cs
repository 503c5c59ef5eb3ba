using Google.Protobuf;
using Notify.Core.Types;
using Notify.Edge;

namespace Notify.Hosts.Tests.Support;

/// <summary>A few objects: cloudlets west and east, a flavor for all, and apps with instances.</summary>
internal static class World
{
    public static Flavor Small { get; } = new() { Key = new FlavorKey { Name = "small" }, RamMb = 512 };

    public static App Maps { get; } = new() { Key = AppKey("maps"), DefaultFlavor = Small.Key };

    public static App Chess { get; } = new() { Key = AppKey("chess"), DefaultFlavor = Small.Key };

    public static Cloudlet West { get; } = Cloudlet("west", 48.9, 2.3);

    public static Cloudlet East { get; } = Cloudlet("east", 52.2, 21.0);

    public static IReadOnlyList<IMessage> All { get; } =
    [
        Small, Maps, Chess, West, East,
        Cluster(West), Cluster(East),
        Inst("maps-west", Maps, West), Inst("maps-east", Maps, East), Inst("chess-east", Chess, East),
    ];

    public static AppKey AppKey(string name) => new() { Organization = "acme", Name = name, Version = "1" };

    public static AppInstKey InstKey(string name) => new() { Organization = "acme", Name = name };

    public static AppInst Inst(string name, App app, Cloudlet cloudlet) => new()
    {
        Key = InstKey(name),
        AppKey = app.Key,
        CloudletKey = cloudlet.Key,
        Uri = name + ".example",
        State = AppInstState.Requested,
    };

    public static ClusterInst Cluster(Cloudlet cloudlet) => new()
    {
        Key = new ClusterInstKey { CloudletKey = cloudlet.Key, Organization = "acme", Name = "shared" },
        Flavor = Small.Key,
    };

    public static IEnumerable<(string Type, ByteString Key)> Ids(params IEnumerable<IMessage> objects) => objects.Select(obj =>
    {
        var type = (CompiledObjectType)EdgeTypes.All.Single(type => type.Descriptor == obj.Descriptor);
        return (type.Name, type.Describe(obj).Id.Key);
    });

    private static Cloudlet Cloudlet(string name, double latitude, double longitude) => new()
    {
        Key = new CloudletKey { Organization = "oper", Name = name },
        Location = new Location { Latitude = latitude, Longitude = longitude },
    };
}
