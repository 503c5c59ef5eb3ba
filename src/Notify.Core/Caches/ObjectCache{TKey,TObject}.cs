using System.Runtime.CompilerServices;
using Google.Protobuf;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>
/// The typed view of one type in a mirror; the generator writes one subclass per annotated message. Thread safe; reads take no lock and
/// go on when every controller is down. Returned messages are shared with all readers: clone before changing one.
/// </summary>
/// <typeparam name="TKey">The key message.</typeparam>
/// <typeparam name="TObject">The annotated message.</typeparam>
public abstract class ObjectCache<TKey, TObject>
    where TKey : class, IMessage<TKey>
    where TObject : class, IMessage<TObject>
{
    /// <summary>Creates the view of <paramref name="type"/> in <paramref name="mirror"/>.</summary>
    protected ObjectCache(Mirror mirror, ObjectType<TKey, TObject> type)
    {
        (Mirror, ObjectType) = (mirror, type);
        mirror.Types.Register([type]);
        mirror.RunReceiveHooks();
    }

    /// <summary>The mirror that holds the objects.</summary>
    public Mirror Mirror { get; }

    /// <summary>The generated type.</summary>
    public ObjectType<TKey, TObject> ObjectType { get; }

    /// <summary>How many objects there are.</summary>
    public int Count => Mirror.Snapshot().Count(ObjectType.Name);

    /// <summary>The object with a key, or null; from a given view, or the current one.</summary>
    public TObject? Get(TKey key, MirrorSnapshot? snapshot = null) =>
        (snapshot ?? Mirror.Snapshot()).Find(ObjectType.IdOf(key)) is { } envelope ? ObjectType.DecodeObject(envelope) : null;

    /// <summary>All objects in key order, from one view. Decodes lazily, as the caller enumerates.</summary>
    public IEnumerable<TObject> List(MirrorSnapshot? snapshot = null) =>
        (snapshot ?? Mirror.Snapshot()).List(ObjectType.Name).Select(ObjectType.DecodeObject);

    /// <summary>The objects that carry a scope, in key order, from one view.</summary>
    /// <exception cref="InvalidOperationException">The type has no scope, or another one.</exception>
    public IEnumerable<TObject> ListInScope(IMessage scopeKey, MirrorSnapshot? snapshot = null)
    {
        if (ObjectType.Declaration.ScopeType != scopeKey.Descriptor.FullName)
        {
            throw new InvalidOperationException(
                $"{ObjectType.Name} is scoped by '{ObjectType.Declaration.ScopeType}', not by '{scopeKey.Descriptor.FullName}'.");
        }

        var scope = KeyLayout.FromDescriptor(scopeKey.Descriptor).Encode(scopeKey);
        return (snapshot ?? Mirror.Snapshot()).ListInScope(ObjectType.Name, scope).Select(ObjectType.DecodeObject);
    }

    /// <summary>
    /// Completes when this cache shows everything up to a revision of the store, for instance that of a commit. See
    /// <see cref="Mirror.WaitForStoredRevisionAsync"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The type is dynamic: its objects have no revisions of the store.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before that.</exception>
    public Task WaitForRevisionAsync(long revision, CancellationToken cancellationToken) => ObjectType.Declaration.Kind == TypeKind.Dynamic
        ? throw new InvalidOperationException($"{ObjectType.Name} is dynamic: its objects have no revisions of the store.")
        : Mirror.WaitForStoredRevisionAsync(revision, cancellationToken);

    /// <summary>
    /// Calls a handler with every change from here on, what is there already first. See <see cref="Mirror.Subscribe"/> for order and
    /// conflation; a change whose handler throws is rejected by itself.
    /// </summary>
    public MirrorSubscription Subscribe(Action<ObjectChange<TKey, TObject>> handler) => Mirror.Subscribe(epochs =>
    {
        foreach (var change in epochs.Changes)
        {
            if (change.Id.Type == ObjectType.Name)
            {
                try
                {
                    handler(Typed(change, epochs.After));
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    Mirror.Reject(change, e);
                }
            }
        }
    });

    /// <summary>
    /// Every change from here on, what is there already first. A reader that is slower than the changes gets the latest per key; whole
    /// epochs are merged and never split.
    /// </summary>
    public async IAsyncEnumerable<ObjectChange<TKey, TObject>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watch = new MirrorWatch(Mirror);
        await foreach (var epochs in watch.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var change in epochs.Changes)
            {
                if (change.Id.Type == ObjectType.Name)
                {
                    yield return Typed(change, epochs.After);
                }
            }
        }
    }

    /// <summary>Publishes an object of a dynamic type that this node owns.</summary>
    /// <exception cref="InvalidObjectException">The object has no key or another field is wrong.</exception>
    /// <exception cref="InvalidOperationException">The type is not dynamic.</exception>
    public void Publish(TObject obj) => Mirror.Publish([ObjectType.Describe(obj)], []);

    /// <summary>Removes an object that this node publishes. Removing what is not there does nothing.</summary>
    public void Withdraw(TKey key) => Mirror.Publish([], [ObjectType.IdOf(key)]);

    private ObjectChange<TKey, TObject> Typed(ObjectChange change, MirrorSnapshot after) => new(
        ObjectType.ParseKey(change.Id.Key),
        change.Old is null ? null : ObjectType.DecodeObject(change.Old),
        change.New is null ? null : ObjectType.DecodeObject(change.New),
        after);
}
