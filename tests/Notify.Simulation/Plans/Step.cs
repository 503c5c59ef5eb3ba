using System.Collections.Immutable;
using Notify.Simulation.Nodes;

namespace Notify.Simulation.Plans;

/// <summary>Something that happens at a time in the plan of a world: a write or a fault. Data, so that plans can be cut down.</summary>
/// <param name="AtMs">When, from the start of the world.</param>
internal abstract record Step(int AtMs)
{
    /// <summary>The node it happens to, or null.</summary>
    public virtual string? NodeName => null;

    /// <summary>A transaction of a writer at the store.</summary>
    public sealed record Commit(int AtMs, ImmutableArray<ObjectPlan> Changes) : Step(AtMs)
    {
        public override string ToString() => $"{AtMs} commit {string.Join(' ', Changes)}";
    }

    /// <summary>The store learns of a schema version.</summary>
    public sealed record Declare(int AtMs, SchemaVersion Schema) : Step(AtMs);

    /// <summary>The store forgets its history but for some revisions.</summary>
    public sealed record Compact(int AtMs, int KeepRevisions) : Step(AtMs);

    /// <summary>A node publishes dynamic objects as one epoch.</summary>
    public sealed record Publish(int AtMs, string Node, ImmutableArray<ObjectPlan> Changes) : Step(AtMs)
    {
        public override string NodeName => Node;

        public override string ToString() => $"{AtMs} publish {Node} {string.Join(' ', Changes)}";
    }

    /// <summary>A node asks for something else.</summary>
    public sealed record SetInterest(int AtMs, string Node, InterestPlan Interest) : Step(AtMs)
    {
        public override string NodeName => Node;

        public override string ToString() => $"{AtMs} interest {Node} {Interest}";
    }

    /// <summary>A process dies and, unless <paramref name="DownMs"/> is negative, comes back with nothing.</summary>
    public sealed record Crash(int AtMs, string Node, bool LosesPower, int DownMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>A relay's process does nothing for a while, and then goes on as if nothing had been.</summary>
    public sealed record Freeze(int AtMs, string Node, int ForMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>A controller or relay is told to stop: nodes below may go elsewhere first. It comes back later.</summary>
    public sealed record Drain(int AtMs, string Node, int DeadlineMs, int DownMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>A process says goodbye and comes back later.</summary>
    public sealed record Goodbye(int AtMs, string Node, int DownMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>A node's connection breaks; both sides notice.</summary>
    public sealed record Drop(int AtMs, string Node) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>Nothing arrives in one direction between a node and a hub.</summary>
    public sealed record Partition(int AtMs, string Node, string Hub, bool IsDown, int ForMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>One side of a node's link does not read.</summary>
    public sealed record Stall(int AtMs, string Node, bool IsDown, int ForMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>A controller cannot reach the store.</summary>
    public sealed record StoreDown(int AtMs, string Node, int ForMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>A controller gets everything from the store late.</summary>
    public sealed record StoreLag(int AtMs, string Node, int LagMs, int ForMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>A process was suspended: its clock is ahead of where it was.</summary>
    public sealed record ClockJump(int AtMs, string Node, int JumpMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>Handlers of a node take long, or throw.</summary>
    public sealed record Handlers(int AtMs, string Node, int SlowMs, bool Throw, int ForMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>A second process starts under the node's name.</summary>
    public sealed record Twin(int AtMs, string Node, bool FirstDies, int ForMs) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>
    /// The store dies before the operation of its disk that many from now, or soon after; the controllers too, if it is
    /// <paramref name="WithHubs"/>. A disk that loses power keeps what was synced, and of the rest what chance says.
    /// </summary>
    public sealed record StoreCrash(int AtMs, int Operations, bool LosesPower, bool WithHubs, int DownMs) : Step(AtMs);

    /// <summary>The store's disk is full but for some bytes.</summary>
    public sealed record DiskFull(int AtMs, int Room, int ForMs) : Step(AtMs);

    /// <summary>The store's disk fails to sync, until the store is started again.</summary>
    public sealed record DiskFails(int AtMs, int ForMs) : Step(AtMs);

    /// <summary>The store is backed up.</summary>
    public sealed record BackUp(int AtMs) : Step(AtMs);

    /// <summary>The controllers stop, and start with a store made from the last backup.</summary>
    public sealed record Restore(int AtMs, bool LosesPower, int DownMs) : Step(AtMs);

    /// <summary>A controller's own record goes away although it lives.</summary>
    public sealed record LeaseLost(int AtMs, string Node) : Step(AtMs)
    {
        public override string NodeName => Node;
    }

    /// <summary>A controller does not learn what becomes of its next commits.</summary>
    public sealed record LoseAnswers(int AtMs, string Node, ImmutableArray<AnswerLoss> Losses) : Step(AtMs)
    {
        public override string NodeName => Node;

        public override string ToString() => $"{AtMs} lose answers {Node} {string.Join(' ', Losses)}";
    }

    /// <summary>A frame on a node's link is damaged.</summary>
    public sealed record BadFrame(int AtMs, string Node, bool IsDown, int Damage) : Step(AtMs)
    {
        public override string NodeName => Node;
    }
}
