namespace Notify.Ctl.Input;

/// <summary>A mapping of YAML, an object of JSON; entries in their order, repeated keys included.</summary>
internal sealed record DataMap(Place Place, IReadOnlyList<KeyValuePair<DataScalar, DataNode>> Entries) : DataNode(Place)
{
    public override string Describe() => "a mapping of fields";
}
