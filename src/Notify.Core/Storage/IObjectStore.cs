using System.Collections.Immutable;
using Notify.Core.Types;

namespace Notify.Core.Storage;

/// <summary>
/// Where a controller keeps stored and shared objects: a map from <see cref="ObjectId"/> to <see cref="Envelope"/> in which every
/// change has a revision. One process may own it, or several controllers may share one; nothing in the contract tells.
/// </summary>
/// <remarks>
/// <para><b>Revisions.</b> Every commit that changes anything gets one revision, higher than every revision before it in this
/// incarnation, for all its changes. Revisions may have gaps; they are not counted and not clocks. An object's revision is that of the
/// commit that last changed it. After a delete and a new create it is higher than before.</para>
/// <para><b>Order.</b> Commits are serialised: conditions are checked, and outcomes decided, against the state that all commits with
/// lower revisions left, and no other commit comes between check and change. A commit that starts after another one was acknowledged
/// gets a higher revision.</para>
/// <para><b>Content.</b> A put whose envelope has the content that is stored (<see cref="Envelope.SameContent"/>) changes nothing: the object
/// keeps its revision. A transaction of nothing but such puts, and deletes of objects that are not there, makes no revision and no
/// epoch. A store keeps key, value, scopes, references and the stamp of shared objects bit for bit, and derives nothing from them.
/// Another stamp alone is new content for a shared object.</para>
/// <para><b>Durability.</b> A durable store acknowledges a commit after it is on stable storage, and no watch or snapshot shows
/// anything that a crash could take back. A store that is not durable says so in its type's documentation.</para>
/// <para><b>Declarations.</b> An object's type must be declared before the object is put. Declarations are part of the state: who reads
/// a snapshot, and watches on, learns each type no later than its first object, so a controller can mirror types whose code it has not.
/// They are never withdrawn and only ever grow.</para>
/// <para><b>Threads and time.</b> All members are safe to call at once. A store in memory has no thread, timer, clock or
/// randomness of its own.</para>
/// </remarks>
public interface IObjectStore : IAsyncDisposable
{
    /// <summary>Who this store is; the same for as long as the store is open, and after every reopening but a restore.</summary>
    StoreIdentity Identity { get; }

    /// <summary>What a transaction may have.</summary>
    StoreLimits Limits { get; }

    /// <summary>
    /// Makes types known. Where that changes anything it makes one revision, whose epoch has the declarations and no changes; otherwise it
    /// makes none.
    /// </summary>
    /// <param name="declarations">Types to declare; a known one learns of further types that it refers to. Either all are declared or none.</param>
    /// <param name="cancellationToken">As for <see cref="CommitAsync"/>.</param>
    /// <returns>A revision as of which all the types are known.</returns>
    /// <exception cref="TypeConflictException">A type is known with another kind, scope or key.</exception>
    /// <exception cref="ArgumentException">A type is dynamic: its objects live with their nodes.</exception>
    /// <exception cref="StoreUnavailableException">Nothing was declared.</exception>
    /// <exception cref="CommitOutcomeUnknownException">The types may be declared or not; declare them again.</exception>
    ValueTask<long> DeclareAsync(ImmutableArray<TypeDeclaration> declarations, CancellationToken cancellationToken);

    /// <summary>Commits all of a transaction or nothing of it. What can be expected to happen is a result, not an exception.</summary>
    /// <param name="transaction">Changes and conditions.</param>
    /// <param name="cancellationToken">
    /// Ends the wait. Before the store was given the transaction the call ends with <see cref="OperationCanceledException"/>, and nothing
    /// was changed. From then on it ends with the result or with <see cref="CommitOutcomeUnknownException"/>, never with a plain cancellation.
    /// </param>
    /// <exception cref="StoreUnavailableException">The store did not take the transaction: nothing was changed.</exception>
    /// <exception cref="CommitOutcomeUnknownException">The transaction is absent or whole, now or later.</exception>
    ValueTask<CommitResult> CommitAsync(Transaction transaction, CancellationToken cancellationToken);

    /// <summary>
    /// Puts an object that goes by itself when this process does not renew it any more, because it is gone or cut off. Its going is a delete like any
    /// other. A store that one process alone owns deletes, with the first lease after it was opened, the objects of that type that were leased before.
    /// </summary>
    /// <param name="envelope">The object; its type is declared. One that is there is replaced.</param>
    /// <param name="ttl">How long after the last renewal it goes; stores round up to whole seconds. Where the store is one process's own, it has no meaning.</param>
    /// <param name="cancellationToken">As for <see cref="CommitAsync"/>.</param>
    /// <exception cref="ArgumentException">The type is not declared, or the object beyond the limits.</exception>
    /// <exception cref="StoreUnavailableException">The object is not there, or goes by itself.</exception>
    /// <exception cref="CommitOutcomeUnknownException">The object is there or not, and goes by itself.</exception>
    ValueTask<IStoreLease> LeaseAsync(Envelope envelope, TimeSpan ttl, CancellationToken cancellationToken);

    /// <summary>
    /// The state as of the higher of the oldest revision and the head less <paramref name="horizon"/>. With a horizon the watch from there
    /// on brings the latest deletes too, so that a controller that starts over a store knows them as tombstones.
    /// </summary>
    /// <param name="horizon">How many revisions to stay behind the head; 0 is the latest state, with every commit acknowledged before the call.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    ValueTask<StoreSnapshot> SnapshotAsync(long horizon, CancellationToken cancellationToken);

    /// <summary>
    /// Every epoch with a revision above <paramref name="afterRevision"/>: in revision order, whole, exactly once, with no gap, and then
    /// those to come, until cancelled. The enumeration never ends by itself. A revision that is not reached yet is waited for.
    /// </summary>
    /// <remarks>
    /// A watch holds a position and no queue: one that falls behind the history that the store keeps ends with
    /// <see cref="CompactedException"/>.
    /// </remarks>
    /// <param name="afterRevision">Exclusive; 0 for everything.</param>
    /// <param name="cancellationToken">Ends the watch with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="CompactedException">The history after the position is gone.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be reached or was closed; watch again from the last revision seen.</exception>
    /// <exception cref="StoreReplacedException">The store has another identity than when it was opened; as for snapshots and revisions.</exception>
    IAsyncEnumerable<StoreEpoch> WatchAsync(long afterRevision, CancellationToken cancellationToken);

    /// <summary>The oldest and the newest revision, including every commit acknowledged before the call.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    ValueTask<StoreRevisions> RevisionsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Forgets history below <paramref name="revision"/>, which becomes the oldest one. A revision at or below the oldest does nothing; one
    /// above the head means the head. Stores also forget by themselves, by their options.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    ValueTask CompactAsync(long revision, CancellationToken cancellationToken);
}
