namespace Notify.Simulation;

/// <summary>Something that goes against a guarantee.</summary>
/// <param name="Checker">Who found it.</param>
/// <param name="What">Expected and actual.</param>
/// <param name="AtMs">When, from the start of the world.</param>
internal sealed record Violation(string Checker, string What, long AtMs)
{
    public override string ToString() => $"{Checker} at {AtMs} ms: {What}";
}
