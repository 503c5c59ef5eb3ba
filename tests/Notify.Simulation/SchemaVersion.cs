namespace Notify.Simulation;

/// <summary>Which references a node's, or the store's, schema declares.</summary>
internal enum SchemaVersion
{
    Current = 0,
    Old = 1,
    New = 2,
}
