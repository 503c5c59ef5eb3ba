using Notify.Core.Protocol;

namespace Notify.Harness.Demo.Nodes;

/// <summary>One step of a watch: the difference between two views of a node.</summary>
internal sealed record WatchedChange(bool IsInitial, IReadOnlyList<WatchEvent> Events, MirrorPosition Position);
