namespace Notify.Ctl.Input;

/// <summary>Everything that is wrong with an input, so that all of it can be mended at once.</summary>
internal sealed class InputProblems
{
    private const int ShownMax = 20;

    private readonly List<string> _lines = [];

    public int Count { get; private set; }

    public void Add(Place place, string message)
    {
        Count++;
        if (_lines.Count < ShownMax)
            _lines.Add($"{place}: {message}");
    }

    /// <summary>Ends the command if there is any problem.</summary>
    /// <param name="consequence">What did not happen, as a sentence.</param>
    /// <exception cref="CtlException">There is.</exception>
    public void ThrowIfAny(string consequence)
    {
        if (Count == 0)
            return;
        if (Count > ShownMax)
            _lines.Add($"... and {Count - ShownMax} more");
        throw new CtlException(ExitCode.Usage, string.Join('\n', _lines), consequence);
    }
}
