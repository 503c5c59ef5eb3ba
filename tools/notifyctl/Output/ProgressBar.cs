using Spectre.Console;

namespace Notify.Ctl.Output;

/// <summary>A line that shows how far something is, in a terminal; elsewhere nothing.</summary>
internal static class ProgressBar
{
    /// <summary>Does the work and shows how far it is.</summary>
    /// <param name="terminal">Where to show it.</param>
    /// <param name="text">What is going on.</param>
    /// <param name="work">Is given what to tell how much is done, and of how much. One call at a time.</param>
    public static async Task<T> RunAsync<T>(Terminal terminal, string text, Func<Action<double, double>, Task<T>> work)
    {
        if (!terminal.IsTerminal)
            return await work(static (_, _) => { });
        var bar = terminal.CreateConsole().Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn());
        return await bar.StartAsync(async progress =>
        {
            var task = progress.AddTask(Markup.Escape(text));
            return await work((done, of) => (task.MaxValue, task.Value) = (of, done));
        });
    }
}
