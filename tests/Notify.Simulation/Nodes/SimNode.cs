using Notify.Simulation.Plans;

namespace Notify.Simulation.Nodes;

/// <summary>A place in the tree: one process at a time, and for a while two of one name.</summary>
internal sealed class SimNode(World world, NodePlan plan)
{
    private int _processes;

    public NodePlan Plan { get; } = plan;

    /// <summary>The process that counts, alive or not; null before the first.</summary>
    public SimProcess? Process { get; private set; }

    /// <summary>A second process under the same name, or null.</summary>
    public SimProcess? Twin { get; private set; }

    /// <summary>What the node asks for now.</summary>
    public InterestPlan Interest { get; set; } = plan.Interest;

    /// <summary>It speaks a protocol version that hubs speak.</summary>
    public bool IsCompatible => Plan.Versions.Contains(1u);

    /// <summary>It does not come back.</summary>
    public bool IsRetired { get; set; }

    /// <summary>The machine is off: connections to it get no answer.</summary>
    public bool IsSilent { get; private set; }

    public bool IsDown => Process is not { IsAlive: true };

    public void Start()
    {
        if (IsDown)
        {
            IsSilent = false;
            Process = Create();
            Process.Start();
        }
    }

    public void StartTwin()
    {
        if (!IsDown && Twin is null)
        {
            Twin = Create();
            Twin.Start();
        }
    }

    /// <summary>One of two processes goes; the other one is the node from here on.</summary>
    public void EndTwin(bool firstDies)
    {
        if (Twin is not { } twin)
        {
            return;
        }

        Twin = null;
        var loser = firstDies && twin.IsAlive ? Process! : twin;
        if (loser != twin)
        {
            Process = twin;
        }

        loser.Die(losesPower: false);
    }

    public void Crash(bool losesPower)
    {
        EndTwin(firstDies: false);
        IsSilent = losesPower;
        Process?.Die(losesPower);
    }

    private SimProcess Create() => new(world, this, $"{Plan.Name}.{++_processes}");
}
