using Notify.Core.Protocol;
using Notify.Core.Sync;
using Notify.Core.Transport;

namespace Notify.Core.Sessions;

/// <summary>What the peer asks for, as it changes.</summary>
internal sealed partial class ServerSession
{
    /// <summary>
    /// What was asked for before anybody had declared its type, and turns out to be dynamic, moves to the other sender. The peer learns of the type
    /// in the frame that is written now, before any bundle of it.
    /// </summary>
    protected override void OnTypesDeclared()
    {
        _hub.TypesLearned();
        var stored = Senders.First(sender => sender.Kind == SpaceKind.Stored);
        var moved = stored.Items.Where(item => IsIn(SpaceKind.Dynamic, item)).ToArray();
        if (moved.Length == 0)
        {
            return;
        }

        stored.ChangeInterest(new SenderInterestChange(_lastInterestChange, [], [.. moved.Select(item => item.Number)], [.. moved]));
        Senders.First(sender => sender.Kind == SpaceKind.Dynamic).ChangeInterest(new SenderInterestChange(
            _lastInterestChange, [.. moved.Select(item => new SenderItem(item.Number, item.Type, item.Selector))], [], []));
    }

    /// <summary>Types that nobody has declared belong to the stored space: the answer "not served" has to come somewhere.</summary>
    private bool IsIn(SpaceKind kind, SenderItem item) =>
        Mirror.Types.Find(item.Type) is { IsDynamic: true } == (kind == SpaceKind.Dynamic);

    private void ChangeInterest(InterestChange change)
    {
        if (change.Number != _lastInterestChange + 1)
        {
            throw new FormatException($"Interest change {_lastInterestChange + 1} was expected, {change.Number} came.");
        }

        if (Senders.Any(sender => sender.PendingChanges >= PendingChangesMax))
        {
            EndWith(GrpcStatusCode.ResourceExhausted, "The peer changes its interest and does not read what that brings.");
            return;
        }

        if (TooManyItems(IsRelay, Senders.Sum(sender => sender.ItemCount) + change.Add.Count) is { } tooMany)
        {
            EndWith(tooMany.Code, tooMany.Reason);
            return;
        }

        _lastInterestChange = change.Number;
        var added = change.Add.Select(WireTypes.FromWire).ToList();
        var numbers = new HashSet<uint>();
        if (added.Find(item => !numbers.Add(item.Number) || Senders.Any(sender => sender.HasItem(item.Number))) is { } twice)
        {
            throw new FormatException($"Interest item {twice.Number} came twice.");
        }

        foreach (var sender in Senders)
        {
            sender.ChangeInterest(new SenderInterestChange(
                change.Number,
                [.. added.Where(item => IsIn(sender.Kind, item))],
                [.. change.Remove],
                [.. added.Where(item => !IsIn(sender.Kind, item))]));
        }

        added.ForEach(item => _items.Add(item.Number, item));
        foreach (var number in change.Remove)
        {
            _items.Remove(number);
        }

        NoteItems();
        Wake();
    }

    /// <summary>How a session ends that asks for more items than it may, else null.</summary>
    private SessionEnd? TooManyItems(bool isRelay, int items)
    {
        var most = isRelay ? Limits.RelayInterestItemsMax : Limits.InterestItemsMax;
        return items > most ? new SessionEnd(GrpcStatusCode.ResourceExhausted, $"More than {most} interest items.") : null;
    }

    private void NoteItems()
    {
        Items = [.. _items.Values];
        _scopes = [.. Items.Where(item => item.Selector.Kind == SelectorKind.Scope).Select(item => item.Selector.Scope).Distinct()];
        _hub.NoteInterest(this);
    }

    /// <summary>Nothing is lost by waiting but time, and that has a bound.</summary>
    private bool MayWait() => Mirror.HasUpstreamSession && NowMs - StartedAt < _hub.Options.ResumeWaitMs;
}
