using System.Globalization;
using Notify.Simulation.Plans;

namespace Notify.Sim;

/// <summary>The command line of tools/sim.</summary>
internal sealed record SimArguments
{
    public const string Help = """
        Runs the engine in simulated worlds made from seeds and judges each against DESIGN.md's guarantees.

          tools/sim --seeds 2000                       that many worlds, from seed 1 on
          tools/sim --seeds 500 --first-seed 70000     others
          tools/sim --seconds 60 --first-seed 70000    as many as fit into the time
          tools/sim --seed 4711 --trace                one world, cut down if it fails, with all that happens in it
          tools/sim --seed 4711 --trace --whole        the same, not cut down
          tools/sim --seeds 2000 --json run.json       figures and violations as JSON, too
          tools/sim --mutants                          proves that the checkers see: each patch in tests/mutations must be found
          tools/sim --mutants --only echo              only patches whose names contain the word

        Also: --era N (worlds as they were: 1 before stores on disks joined, 2 before relays; 3 relays, 4 drains too, 5 shared types without relays), --threads N (default: all cores), --stop (at the first violation), --hash (prints the hash of each seed's trace), --shrink-seconds N (default 20).
        The last line is "N seeds, N violations"; the exit code is 0 only without violations and with worlds that were full enough.
        NO_COLOR is respected; the progress bar is drawn in terminals only.
        """;

    public long Seeds { get; private init; } = 1000;

    /// <summary>What worlds have.</summary>
    public int Era { get; private init; } = PlanGenerator.NewestEra;

    public long FirstSeed { get; private init; } = 1;

    public double? Seconds { get; private init; }

    public bool IsSingle { get; private init; }

    public bool Trace { get; private init; }

    public bool Whole { get; private init; }

    public bool Hash { get; private init; }

    public bool Mutants { get; private init; }

    /// <summary>The run ends at the first violation.</summary>
    public bool Stop { get; private init; }

    public string Only { get; private init; } = "";

    public string? Json { get; private init; }

    public int Threads { get; private init; } = Environment.ProcessorCount;

    public double ShrinkSeconds { get; private init; } = 20;

    public bool WantsHelp { get; private init; }

    /// <exception cref="FormatException">An option is unknown or lacks its value.</exception>
    public static SimArguments Parse(string[] args)
    {
        var parsed = new SimArguments();
        for (var i = 0; i < args.Length; i++)
        {
            var option = args[i];
            string Value() => i + 1 < args.Length ? args[++i] : throw new FormatException($"{option} needs a value; see --help.");
            long Number() => long.TryParse(Value(), CultureInfo.InvariantCulture, out var number) && number >= 0
                ? number
                : throw new FormatException($"{option} needs a number, '{args[i]}' is none.");
            parsed = option switch
            {
                "--seeds" => parsed with { Seeds = Number() },
                "--first-seed" => parsed with { FirstSeed = Number() },
                "--seed" => parsed with { FirstSeed = Number(), Seeds = 1, IsSingle = true },
                "--seconds" => parsed with { Seconds = Number(), Seeds = long.MaxValue / 2 },
                "--era" => parsed with { Era = (int)Number() },
                "--trace" => parsed with { Trace = true },
                "--whole" => parsed with { Whole = true },
                "--hash" => parsed with { Hash = true },
                "--mutants" => parsed with { Mutants = true, Seeds = 3000 },
                "--stop" => parsed with { Stop = true },
                "--only" => parsed with { Only = Value() },
                "--json" => parsed with { Json = Value() },
                "--threads" => parsed with { Threads = (int)Math.Max(1, Number()) },
                "--shrink-seconds" => parsed with { ShrinkSeconds = Number() },
                "--help" or "-h" => parsed with { WantsHelp = true },
                _ => throw new FormatException($"{option} is no option; see --help."),
            };
        }

        return parsed;
    }
}
