using Notify.Core.Journal;

namespace Notify.Core.Sessions;

/// <summary>The answer to a claim.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Highest">The highest attachment number known.</param>
/// <param name="Process">The process that had it.</param>
/// <param name="Rival">The session that has the name.</param>
/// <param name="Carrier">Accepted: what the session carries from now on.</param>
/// <param name="ResumeSpace">Accepted: the space of the node's objects that the hub holds from before.</param>
/// <param name="ResumeRevision">Accepted: how far the hub holds them.</param>
internal sealed record AttachResult(
    AttachOutcome Outcome,
    long Highest = 0,
    string Process = "",
    ServerSession? Rival = null,
    Carrier? Carrier = null,
    Space? ResumeSpace = null,
    long ResumeRevision = 0);
