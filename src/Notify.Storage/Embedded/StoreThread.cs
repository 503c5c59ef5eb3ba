using System.Collections.Concurrent;

namespace Notify.Storage.Embedded;

/// <summary>A thread that runs what blocks on the disk, one after the other, so that the pool's threads never do.</summary>
internal sealed class StoreThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public StoreThread(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    public void Execute(Action work) => _work.Add(work);

    /// <summary>Ends the thread when all its work is done.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }
}
