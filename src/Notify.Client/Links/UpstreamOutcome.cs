using Notify.Core.Sessions;

namespace Notify.Client.Links;

/// <summary>What became of one attempt at a session.</summary>
/// <param name="End">Why it ended.</param>
/// <param name="OpenMs">How long it was open; null when it never was.</param>
/// <param name="RetryAfterMs">The server's hint when to come again, or null.</param>
internal sealed record UpstreamOutcome(SessionEnd End, long? OpenMs, long? RetryAfterMs);
