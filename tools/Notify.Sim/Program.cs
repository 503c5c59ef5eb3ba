using Notify.Sim;

SimArguments arguments;
try
{
    arguments = SimArguments.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

if (arguments.WantsHelp)
{
    Console.WriteLine(SimArguments.Help);
    return 0;
}

return arguments.Mutants ? MutantCommand.Run(arguments) : SeedCommand.Run(arguments);
