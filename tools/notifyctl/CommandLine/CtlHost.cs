using System.CommandLine;
using System.CommandLine.Parsing;
using Notify.Core.Transport;
using Notify.Ctl.Output;
using Notify.Ctl.Remote;
using Notify.Ctl.Types;

namespace Notify.Ctl.CommandLine;

/// <summary>Runs commands: opens what they need, and turns how they end into text and exit code.</summary>
internal sealed class CtlHost(CtlEnvironment environment, GlobalOptions options)
{
    private readonly bool _hasColour = string.IsNullOrEmpty(environment.Variable("NO_COLOR"));

    /// <summary>Makes the function the action of the command.</summary>
    public Command Bind(CtlCommand command, Func<CommandContext, ParseResult, CancellationToken, Task<ExitCode>> run)
    {
        command.SetAction(async (parsed, cancellationToken) => (int)await RunAsync(run, parsed, cancellationToken));
        return command;
    }

    /// <summary>Says what is wrong with a command line.</summary>
    public ExitCode Refuse(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var errors = command is not CtlCommand && parsed.UnmatchedTokens is [{ } word, ..]
            ? [$"there is no command '{word}'{Nearest.Question(word, command.Subcommands.Select(known => known.Name)).TrimEnd('?')}."]
            : parsed.Errors.Select(error => error.Message).Distinct();
        var name = "";
        for (var result = parsed.CommandResult; result.Parent is CommandResult parent; result = parent)
            name = $" {result.Command.Name}{name}";
        return Report(new CtlException(ExitCode.Usage, string.Join('\n', errors), $"See notifyctl{name} --help."), parsed);
    }

    private async Task<ExitCode> RunAsync(
        Func<CommandContext, ParseResult, CancellationToken, Task<ExitCode>> run, ParseResult parsed, CancellationToken cancellationToken)
    {
        // Commands that talk to no node work whatever the address is.
        Lazy<NodeConnection> node = new(() => new NodeConnection(options.Address(parsed, environment.Variable), options.Timeout(parsed)));
        try
        {
            var types = KnownTypes.Edge;
            Terminal output = new(environment.Out, environment.OutIsTerminal, _hasColour, environment.Size);
            CommandContext context = new(node, types, options.Format(parsed), output, ErrorTerminal(), environment.In)
            {
                Variable = environment.Variable,
                CanAsk = environment.InIsTerminal && environment.ErrorIsTerminal,
            };
            try
            {
                return await run(context, parsed, cancellationToken);
            }
            catch (GrpcException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw CallFailure.Explain(e, context.Node, types);
            }
        }
        catch (CtlException e)
        {
            return Report(e, parsed);
        }
        catch (Exception e) when (e is GrpcException or OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            return Report(new CtlException(ExitCode.Failed, "interrupted."), parsed);
        }
        finally
        {
            if (node.IsValueCreated)
                node.Value.Dispose();
            await environment.Out.FlushAsync(CancellationToken.None);
        }
    }

    private ExitCode Report(CtlException failure, ParseResult parsed)
    {
        var error = ErrorTerminal();
        error.Line($"{error.Paint("error:", Ink.Red)} {failure.Message}");
        if (failure.Remedy is { Length: > 0 } remedy)
            error.Line(remedy);
        return failure.Code == ExitCode.Failed && parsed.CommandResult.Command is CtlCommand command ? command.FailureCode : failure.Code;
    }

    private Terminal ErrorTerminal() => new(environment.Error, environment.ErrorIsTerminal, _hasColour, environment.Size);
}
