using Notify.Core.Types;

namespace Notify.Core.Storage.Sharing;

/// <summary>What <see cref="Publishing"/> wants done next: one of <see cref="Announce"/>, <see cref="Declare"/>, <see cref="Commit"/>, <see cref="Wait"/>.</summary>
internal abstract record PublishingStep
{
    private PublishingStep()
    {
    }

    /// <summary>Put the controller's own record under a lease, its type declared before.</summary>
    public sealed record Announce : PublishingStep;

    /// <summary>Make a type known to the store.</summary>
    /// <param name="Type">The type of an object that the store did not take.</param>
    public sealed record Declare(TypeDeclaration Type) : PublishingStep;

    /// <summary>Commit a transaction.</summary>
    /// <param name="Transaction">The transaction.</param>
    public sealed record Commit(Transaction Transaction) : PublishingStep;

    /// <summary>Ask again when woken, and at a time at the latest.</summary>
    /// <param name="UntilMs">The time; <see cref="long.MaxValue"/> is never.</param>
    public sealed record Wait(long UntilMs) : PublishingStep;
}
