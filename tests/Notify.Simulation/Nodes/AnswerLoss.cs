namespace Notify.Simulation.Nodes;

/// <summary>Why a controller does not learn what became of a commit.</summary>
internal enum AnswerLoss
{
    /// <summary>The store never got it.</summary>
    Absent,

    /// <summary>It was done, and the answer lost.</summary>
    Done,

    /// <summary>It is done a while after the controller has given up.</summary>
    DoneLate,
}
