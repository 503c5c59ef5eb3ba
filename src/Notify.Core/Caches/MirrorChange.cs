namespace Notify.Core.Caches;

/// <summary>The difference between two views of a mirror: one or more whole epochs.</summary>
/// <param name="Before">The view before.</param>
/// <param name="After">The view after; read related objects here.</param>
/// <param name="Changes">Real differences in reference order: upserts, what is referred to first; then removals, the other way round.</param>
public sealed record MirrorChange(MirrorSnapshot Before, MirrorSnapshot After, IReadOnlyList<ObjectChange> Changes);
