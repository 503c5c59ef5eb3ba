namespace Notify.Core.Sessions;

/// <summary>How a node treats the nodes below it. Times are milliseconds.</summary>
public sealed record HubOptions
{
    /// <summary>How long a vanished node's objects stay, in case it comes back; one that said goodbye is flushed at once. The default value is 0.</summary>
    public int GraceMs { get; init; }

    /// <summary>
    /// After the start of the hub, dynamic types are not called complete for this long: their owners need time to come back. The default value is 5000.
    /// </summary>
    public int SettleMs { get; init; } = 5000;

    /// <summary>
    /// A relay goes on asking its upstream for what a vanished node asked for this long, so that the node finds it there when it comes back; what one
    /// asked for that said goodbye goes at once. The default value is 5000.
    /// </summary>
    public int InterestLingerMs { get; init; } = 5000;

    /// <summary>
    /// How long a relay lets a node wait that could go on from where it was, while its upstream has yet to say so. The default value is 5000.
    /// </summary>
    public int ResumeWaitMs { get; init; } = 5000;

    /// <summary>
    /// A node that stops on purpose first gives the nodes below that have another one to go to so long to do that; 0: none. The default value is 5000.
    /// </summary>
    public int DrainMs { get; init; } = 5000;

    /// <summary>How long a session has to answer when a second process claims its name. The default value is 1000.</summary>
    public int ProbeMs { get; init; } = 1000;

    /// <summary>How many sessions there may be. The default value is 100000.</summary>
    public int SessionsMax { get; init; } = 100_000;

    /// <summary>
    /// To how many nodes the store's objects are sent from the beginning at a time; others wait in the order in which they came, and are told. Nodes
    /// that go on from where they were never wait. The default value is 64.
    /// </summary>
    public int FullSyncsMax { get; init; } = 64;

    /// <summary>How many objects one session may carry; one that brings more is ended. The default value is 1000000.</summary>
    public int CarriedMax { get; init; } = 1_000_000;

    /// <summary>Nodes without a session whose attachment numbers are remembered. The default value is 100000.</summary>
    public int AbsentNodesMax { get; init; } = 100_000;

    /// <summary>What is wrong with these options, where they are called <paramref name="path"/>.</summary>
    internal IReadOnlyList<string> Problems(string path)
    {
        OptionsProblems problems = new(path);
        problems.AtLeast(0, GraceMs);
        problems.AtLeast(0, SettleMs);
        problems.AtLeast(0, InterestLingerMs);
        problems.AtLeast(0, ResumeWaitMs);
        problems.AtLeast(0, DrainMs);
        problems.AtLeast(1, ProbeMs);
        problems.AtLeast(1, SessionsMax);
        problems.AtLeast(1, FullSyncsMax);
        problems.AtLeast(1, CarriedMax);
        problems.AtLeast(0, AbsentNodesMax);
        return problems;
    }
}
