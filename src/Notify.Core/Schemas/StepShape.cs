namespace Notify.Core.Schemas;

/// <summary>How many values a step of a field path leads to.</summary>
internal enum StepShape
{
    /// <summary>One at most.</summary>
    Singular = 0,

    /// <summary>Each element.</summary>
    Repeated = 1,

    /// <summary>The value of each entry of a map.</summary>
    MapValues = 2,
}
