using System.Diagnostics;

namespace Notify.Ctl.Tests;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("bash", "complete -o default -F _notifyctl notifyctl\n")]
    [InlineData("zsh", "#compdef notifyctl\n")]
    [InlineData("zsh", "\n[ \"$funcstack[1]\" = _notifyctl ] && _notifyctl \"$@\" || compdef _notifyctl notifyctl\n")] // Else the first Tab only defines it.
    [InlineData("fish", "complete -c notifyctl")]
    public async Task Script_IsPrinted_WithoutANode(string shell, string expected)
    {
        var run = await CtlRun.StartAsync(["completion", shell], "", variables: new() { ["NOTIFY_ADDRESS"] = "not an address" });

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Contains(expected, run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownShell_IsWrongUsage()
    {
        var run = await CtlRun.StartAsync("completion", "bsh");

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("did you mean 'bash'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("li", "list")]
    [InlineData("list appi", "appinstinfos appinsts")]
    [InlineData("list flavors AppI", "AppInst AppInstInfo")]
    [InlineData("delete vmp", "vmpoolinfos vmpools")]
    [InlineData("get ai x/y -o ", "json table yaml")]
    [InlineData("apply --p", "--prune")]
    [InlineData("completion b", "bash")]
    [InlineData("list nothing-like-this", "")]
    public async Task Bash_CompletesWithTheScript(string line, string expected)
    {
        var words = line.Split(' ');
        // As bash calls it: the line, where the cursor is, the words.
        var script = $$"""
            notifyctl() { {{CtlProgram.Command}} "$@"; }
            source <(notifyctl completion bash)
            complete -p notifyctl >&2
            COMP_LINE="notifyctl {{line}}"; COMP_POINT=${#COMP_LINE}
            COMP_WORDS=(notifyctl {{string.Join(' ', words.Select(word => $"'{word}'"))}}); COMP_CWORD={{words.Length}}
            _notifyctl
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        ProcessStartInfo start = new("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var bash = Process.Start(start)!; // Null only where a shell reuses a process.
        var output = bash.StandardOutput.ReadToEndAsync();
        var error = bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal("complete -o default -F _notifyctl notifyctl\n", await error);
        Assert.Equal(expected, string.Join(' ', (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)));
    }
}
