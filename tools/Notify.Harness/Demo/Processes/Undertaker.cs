using System.Diagnostics;

namespace Notify.Harness.Demo.Processes;

/// <summary>
/// Ends the processes of a run that was itself killed: a shell that waits for the end of a pipe which only this process holds open. So
/// no node survives, whatever becomes of us. Thread safe.
/// </summary>
internal sealed class Undertaker : IDisposable
{
    // The signals of a terminal reach the whole group: the shell has to outlive us to do its work.
    private const string Script = """
        trap '' INT TERM HUP
        pids=
        while read -r verb pid; do
            case $verb in
                add) pids="$pids $pid" ;;
                gone) rest=; for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done; pids=$rest ;;
            esac
        done
        [ -z "$pids" ] || kill -KILL $pids 2>/dev/null
        """;

    private readonly Process _shell;
    private readonly Lock _gate = new();

    public Undertaker()
    {
        ProcessStartInfo start = new("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        _shell = Process.Start(start)!;
    }

    /// <summary>The shell's process id.</summary>
    public int ProcessId => _shell.Id;

    /// <summary>From now on the process does not outlive us.</summary>
    public void Add(int processId) => Tell($"add {processId}");

    /// <summary>The process has ended; its number may soon be another's.</summary>
    public void Remove(int processId) => Tell($"gone {processId}");

    /// <summary>Ends what is still left, and the shell.</summary>
    public void Dispose()
    {
        _shell.StandardInput.Close();
        _shell.WaitForExit(2000);
        _shell.Dispose();
    }

    private void Tell(string line)
    {
        lock (_gate)
        {
            _shell.StandardInput.Write(line + "\n");
            _shell.StandardInput.Flush();
        }
    }
}
