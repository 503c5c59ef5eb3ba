namespace Notify.Generator.Emission;

/// <summary>Keeps the local variables of one method apart: what a pattern declares is in scope to the end of its block.</summary>
internal sealed class LocalNames(IEnumerable<string> taken)
{
    private readonly HashSet<string> _taken = new(taken, StringComparer.Ordinal);

    /// <summary>The name itself the first time, then with the next free number.</summary>
    public string Next(string name)
    {
        var unique = name;
        for (var number = 2; !_taken.Add(unique); number++)
        {
            unique = $"{name}{number}";
        }

        return unique;
    }
}
