using System.Diagnostics;
using Notify.Core.Caches;
using Notify.Core.Types;

namespace Notify.Core.Storage.Sharing;

/// <summary>
/// What a controller's publisher does next: its own record first, then transactions, each made from a mirror that shows the one before. No I/O and not
/// thread safe: whoever drives it asks for the next step, does it, and says what came of it before it asks again.
/// </summary>
internal sealed class Publishing(Mirror mirror, Publications publications, string process, long retryMs, Action wake)
{
    private Transaction? _transaction;
    private CommitResult? _answer;
    private TypeDeclaration? _lacking;
    private IDisposable? _shown;
    private bool _isAnnounced;
    private bool _isKnown;
    private bool _isUnderway;
    private long _pausedUntil;

    /// <summary>Called with what the store will never take, and why.</summary>
    public Action<ObjectId, string>? Refused { get; init; }

    /// <summary>What to do now.</summary>
    public PublishingStep Next(long nowMs)
    {
        Debug.Assert(!_isUnderway, "One step at a time.");
        if (nowMs < _pausedUntil)
        {
            return new PublishingStep.Wait(_pausedUntil);
        }

        NoteOwnRecord();
        if (_answer is { } answer && _lacking is null && mirror.Snapshot().StoredRevision >= RevisionOf(answer))
        {
            Take(answer);
        }

        if (_answer is null)
        {
            _transaction ??= publications.Next(nowMs);
        }

        // Before the first record of a node, and whatever else is waited for: others take a node whose controller has no record for one that
        // nobody speaks for.
        PublishingStep step =
            !_isAnnounced && (_transaction is not null || publications.SpeaksForNodes) ? new PublishingStep.Announce()
            : _lacking is not null ? new PublishingStep.Declare(_lacking)
            : _transaction is not null ? new PublishingStep.Commit(_transaction)
            : new PublishingStep.Wait(_answer is null ? publications.NextDueAt : long.MaxValue);
        _isUnderway = step is not PublishingStep.Wait;
        return step;
    }

    /// <summary>The controller's record is there.</summary>
    public void Announced() => (_isUnderway, _isAnnounced, _isKnown) = (false, true, false);

    /// <summary>The store has let go of the controller's record.</summary>
    public void LeaseLost()
    {
        _isAnnounced = false;
        wake();
    }

    /// <summary>The store has answered the transaction.</summary>
    public void Answered(CommitResult answer)
    {
        (_isUnderway, _transaction, _answer) = (false, null, answer);
        _shown = mirror.WhenShown(mirror.Snapshot().StoredSpace!, RevisionOf(answer), wake); // It was made from a store that was loaded.
    }

    /// <summary>The store knows the type now, or will never take it.</summary>
    /// <param name="problem">Why it will not, or null.</param>
    public void Declared(string? problem)
    {
        var answer = (CommitResult.Rejected)_answer!; // It has made the type lack.
        (_isUnderway, _lacking, _answer) = (false, null, null);
        if (problem is null)
        {
            publications.Failed();
        }
        else
        {
            Done(answer with { Message = problem });
        }
    }

    /// <summary>The step was not done, or nobody knows whether it was: it is decided anew after a pause.</summary>
    public void Failed(long nowMs)
    {
        (_isUnderway, _pausedUntil) = (false, nowMs + retryMs);
        if (_transaction is not null)
        {
            _transaction = null;
            publications.Failed();
        }
    }

    /// <summary>The mirror may show that the record has gone long before the lease is to be renewed.</summary>
    private void NoteOwnRecord()
    {
        lock (mirror.Gate)
        {
            var isAlive = mirror.Shared.IsAlive(process);
            (_isAnnounced, _isKnown) = (_isAnnounced && (isAlive || !_isKnown), isAlive);
        }
    }

    private void Take(CommitResult answer)
    {
        _shown?.Dispose();
        _shown = null;
        if (answer is CommitResult.Rejected { Fault: TransactionFault.UndeclaredType, Id: { } undeclared } && mirror.Types.Find(undeclared.Type) is { } type)
        {
            _lacking = type.Declaration;
        }
        else
        {
            _answer = null;
            Done(answer);
        }
    }

    private void Done(CommitResult answer)
    {
        if (publications.Done(answer) is (var id, var reason))
        {
            Refused?.Invoke(id, reason);
        }
    }

    /// <summary>What the mirror has to show before anything is decided again.</summary>
    private static long RevisionOf(CommitResult answer) => answer switch
    {
        CommitResult.Committed committed => committed.Revision,
        CommitResult.ConditionFailed failed => failed.Revision,
        _ => 0,
    };
}
