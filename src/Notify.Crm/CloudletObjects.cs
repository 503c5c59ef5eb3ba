using Notify.Core.Caches;
using Notify.Edge;

namespace Notify.Crm;

/// <summary>The objects of one cloudlet, and what they refer to, as this node's mirror has them. Thread safe.</summary>
internal sealed class CloudletObjects(Mirror mirror, CloudletKey cloudlet)
{
    private readonly CloudletCache _cloudlets = new(mirror);
    private readonly ClusterInstCache _clusterInsts = new(mirror);
    private readonly AppInstCache _appInsts = new(mirror);
    private readonly AppCache _apps = new(mirror);
    private readonly FlavorCache _flavors = new(mirror);
    private readonly VMPoolCache _pools = new(mirror);

    public CloudletKey Key => cloudlet;

    public Cloudlet? Cloudlet(MirrorSnapshot snapshot) => _cloudlets.Get(cloudlet, snapshot);

    public IEnumerable<ClusterInst> ClusterInsts(MirrorSnapshot snapshot) => _clusterInsts.ListInScope(cloudlet, snapshot);

    public IEnumerable<AppInst> AppInsts(MirrorSnapshot snapshot) => _appInsts.ListInScope(cloudlet, snapshot);

    public App? App(AppKey? key, MirrorSnapshot snapshot) => key is null ? null : _apps.Get(key, snapshot);

    public bool HasFlavor(FlavorKey key, MirrorSnapshot snapshot) => _flavors.Get(key, snapshot) is not null;

    public VMPool? Pool(Cloudlet of, MirrorSnapshot snapshot) =>
        of.VmPool.Length == 0 ? null : _pools.Get(new VMPoolKey { Organization = of.Key.Organization, Name = of.VmPool }, snapshot);
}
