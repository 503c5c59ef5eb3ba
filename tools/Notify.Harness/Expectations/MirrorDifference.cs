namespace Notify.Harness.Expectations;

/// <summary>How what a node holds differs from what it must hold.</summary>
internal sealed record MirrorDifference(
    IReadOnlyList<MirrorObject> Missing,
    IReadOnlyList<MirrorObject> Unexpected,
    IReadOnlyList<(MirrorObject Expected, MirrorObject Actual)> Changed)
{
    /// <exception cref="ArgumentException">Two objects on one side have the same type and key.</exception>
    public static MirrorDifference Between(IEnumerable<MirrorObject> expected, IEnumerable<MirrorObject> actual)
    {
        var left = expected.ToDictionary(o => (o.Type, o.Key));
        var right = actual.ToDictionary(o => (o.Type, o.Key));
        return new(
            [.. left.Values.Where(o => !right.ContainsKey((o.Type, o.Key)))],
            [.. right.Values.Where(o => !left.ContainsKey((o.Type, o.Key)))],
            [
                .. from o in left.Values
                   let other = right.GetValueOrDefault((o.Type, o.Key))
                   where other is not null && other != o
                   select (o, other),
            ]);
    }

    /// <summary>Whether both sides are the same.</summary>
    public bool IsEmpty => Missing.Count == 0 && Unexpected.Count == 0 && Changed.Count == 0;

    /// <summary>Counts, with the first of each kind: one line for a report.</summary>
    public override string ToString()
    {
        if (IsEmpty)
            return "equal";
        List<string> parts = [];
        if (Missing.Count > 0)
            parts.Add($"{Missing.Count} missing, first {Missing[0]}");
        if (Unexpected.Count > 0)
            parts.Add($"{Unexpected.Count} unexpected, first {Unexpected[0]}");
        if (Changed.Count > 0)
            parts.Add($"{Changed.Count} with another value, first {Changed[0].Actual.Value} instead of {Changed[0].Expected.Value}");
        return string.Join("; ", parts);
    }
}
