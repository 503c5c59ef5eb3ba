using System.CommandLine;
using Notify.Ctl.CommandLine;

namespace Notify.Ctl.Commands;

/// <summary><c>completion SHELL</c>: prints what a shell needs to complete command lines.</summary>
internal static class CompletionCommand
{
    // Each asks the program itself, so new commands, options and types need no new script. It is given the line without its first word, up to the
    // cursor, and how long that is.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            _notifyctl() {
                local line="${COMP_LINE:0:COMP_POINT}" word="${COMP_WORDS[COMP_CWORD]}" IFS=$'\n'
                line="${line#*[[:space:]]}"
                COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "$word"))
            }
            complete -o default -F _notifyctl notifyctl
            """,
        ["zsh"] = """
            #compdef notifyctl
            _notifyctl() {
                local line="${(j: :)words[2,CURRENT]}"
                local -a found
                found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
                compadd -- "${(@)found:#}" || _files
            }
            # As a file of fpath this is the function's body at the first Tab, and has to complete then; sourced, it only says who completes.
            [ "$funcstack[1]" = _notifyctl ] && _notifyctl "$@" || compdef _notifyctl notifyctl
            """,
        ["fish"] = """
            function __notifyctl_complete
                set -l line (string replace -r '^\S+\s' '' -- (commandline -cp))
                notifyctl "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c notifyctl -f -a '(__notifyctl_complete)'
            complete -c notifyctl -s f -l file -r -F
            """,
    };

    public static Command Create(CtlHost host)
    {
        Argument<string> shell = new("SHELL") { Description = string.Join(", ", Scripts.Keys) + ".", CompletionSources = { _ => Scripts.Keys } };
        CtlCommand command = new("completion", "Print a script with which a shell completes commands, options and types.")
        {
            Notes = "The program has to be on the PATH as notifyctl.",
            Examples =
            [
                "source <(notifyctl completion bash)                                       # in ~/.bashrc",
                "notifyctl completion zsh > \"${fpath[1]}/_notifyctl\"                       # before compinit",
                "notifyctl completion fish > ~/.config/fish/completions/notifyctl.fish",
            ],
            Arguments = { shell },
        };
        return host.Bind(command, (context, parsed, _) =>
        {
            var name = parsed.GetRequiredValue(shell);
            context.WriteText(Scripts.TryGetValue(name, out var script)
                ? script.ReplaceLineEndings("\n")
                : throw new CtlException(ExitCode.Usage, $"there is no completion for '{name}'{Nearest.Question(name, Scripts.Keys)}", $"There are {string.Join(", ", Scripts.Keys)}."));
            return Task.FromResult(ExitCode.Ok);
        });
    }
}
