using Notify.Core.Journal;
using Notify.Core.Types;

namespace Notify.Core.Sync;

/// <summary>A bundle, or a part of one that is too large to keep aside, ready to be committed.</summary>
internal sealed class IncomingBundle(Space space, bool isStored, long revision, uint interestNumber, uint[] whole)
{
    public Space Space { get; } = space;

    public bool IsStored { get; } = isStored;

    public long Revision { get; } = revision;

    /// <summary>The last interest change that the sender took into account.</summary>
    public uint InterestNumber { get; } = interestNumber;

    /// <summary>Numbers of the items that this bundle brings from the beginning.</summary>
    public uint[] Whole { get; } = whole;

    public List<IncomingChange> Changes { get; } = [];

    /// <summary>At a hub: what a bundle that brings types from the beginning has, over all its parts. What is not here is gone.</summary>
    public HashSet<ObjectId> Confirmed { get; } = [];

    /// <summary>What the sender says of items at the end.</summary>
    public List<(uint Number, Completeness Completeness)> States { get; } = [];

    /// <summary>Parts of this bundle were committed before.</summary>
    public bool IsStarted { get; set; }

    /// <summary>The end has come: the bundle's revision is reached with this part.</summary>
    public bool IsComplete { get; set; }

    public long Bytes { get; set; }

    public long OpenedAt { get; init; }
}
