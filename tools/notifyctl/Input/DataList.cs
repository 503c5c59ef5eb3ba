namespace Notify.Ctl.Input;

/// <summary>A sequence of YAML, an array of JSON.</summary>
internal sealed record DataList(Place Place, IReadOnlyList<DataNode> Items) : DataNode(Place)
{
    public override string Describe() => "a list";
}
