namespace Notify.Harness.Demo.Processes;

/// <summary>The last lines that a process wrote. Thread safe; bounded, so that a chatty process costs nothing.</summary>
internal sealed class OutputTail(int linesMax)
{
    private readonly Queue<string> _lines = new(linesMax);

    public void Add(string line)
    {
        lock (_lines)
        {
            if (_lines.Count == linesMax)
                _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }

    /// <summary>The lines that are kept, oldest first.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }
}
