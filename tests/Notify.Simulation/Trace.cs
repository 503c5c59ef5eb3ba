namespace Notify.Simulation;

/// <summary>
/// What happened, as a running hash that two runs of one plan must agree on, and as text where somebody reads it.
/// </summary>
internal sealed class Trace(bool keepsText)
{
    private readonly List<string> _lines = [];
    private ulong _hash = 14695981039346656037UL;

    public ulong Hash => _hash;

    public bool KeepsText => keepsText;

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Takes bytes into the hash, eight at a time (FNV-1a over words).</summary>
    public void Mix(long nowMs, long what, ReadOnlySpan<byte> bytes)
    {
        Mix((ulong)nowMs);
        Mix((ulong)what);
        var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            Mix(word);
        }

        foreach (var rest in bytes[(words.Length * 8)..])
        {
            Mix(rest);
        }
    }

    public void Note(long nowMs, string line)
    {
        if (keepsText)
        {
            _lines.Add($"{nowMs,6} {line}");
        }
    }

    private void Mix(ulong word) => _hash = (_hash ^ word) * 1099511628211UL;
}
