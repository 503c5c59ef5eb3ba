using System.Diagnostics;
using Notify.Harness.Demo.Processes;

namespace Notify.Harness.Tests.Demo;

public sealed class UndertakerTests
{
    [Fact]
    public async Task End_KillsWhatWasAdded_AndSparesWhatWasRemoved()
    {
        using var doomed = Process.Start("sleep", "60");
        using var spared = Process.Start("sleep", "60");
        try
        {
            Undertaker undertaker = new();
            undertaker.Add(doomed.Id);
            undertaker.Add(spared.Id);
            undertaker.Remove(spared.Id);

            undertaker.Dispose();

            await doomed.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
            Assert.False(spared.HasExited);
            Assert.True(Signal.Send(spared.Id, 0));
        }
        finally
        {
            doomed.Kill();
            spared.Kill();
            await spared.WaitForExitAsync();
        }

        Assert.False(Signal.Send(spared.Id, 0));
    }

    [Fact]
    public void OutputTail_KeepsTheLastLines()
    {
        OutputTail tail = new(linesMax: 2);

        foreach (var line in (string[])["a", "b", "c"])
            tail.Add(line);

        Assert.Equal(["b", "c"], tail.Lines);
    }
}
