namespace Notify.Core.Caches;

/// <summary>The mirror of a node: every object it holds, of all types. Thread safe.</summary>
public sealed partial class Mirror
{
}
