using System.CommandLine;
using Notify.Core.Sessions;

namespace Notify.Hosting;

/// <summary>The options of every program that has nodes below it.</summary>
public sealed class HubArguments
{
    private readonly SecondsOption _settle = new(
        "--settle", "After the start, how long nodes have to come back before what they own is called complete.", TimeSpan.FromSeconds(5), TimeSpan.Zero);

    private readonly SecondsOption _grace = new(
        "--grace", "How long objects of a vanished node stay; those of a node that said goodbye go at once.", TimeSpan.Zero, TimeSpan.Zero);

    private readonly SecondsOption _drain = new(
        "--drain", "When told to stop, how long nodes below that have another --upstream get to go there first.", TimeSpan.FromSeconds(5), TimeSpan.Zero);

    private readonly FullSyncsOption _fullSyncs = new();

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => [_settle, _grace, _drain, _fullSyncs];

    /// <summary>The values, once parsing found no errors.</summary>
    public HubOptions Read(ParseResult parsed) => new()
    {
        SettleMs = (int)_settle.Read(parsed).TotalMilliseconds,
        GraceMs = (int)_grace.Read(parsed).TotalMilliseconds,
        DrainMs = (int)_drain.Read(parsed).TotalMilliseconds,
        FullSyncsMax = _fullSyncs.Read(parsed),
    };
}
