using Google.Protobuf;
using Notify.Core.Types;

namespace Notify.Core.Caches;

/// <summary>The typed view of one type in a mirror; the generator writes one subclass per annotated message. Thread safe.</summary>
/// <typeparam name="TKey">The key message.</typeparam>
/// <typeparam name="TObject">The annotated message.</typeparam>
public abstract class ObjectCache<TKey, TObject>
    where TKey : class, IMessage<TKey>
    where TObject : class, IMessage<TObject>
{
    /// <summary>Creates the view of <paramref name="type"/> in <paramref name="mirror"/>.</summary>
    protected ObjectCache(Mirror mirror, ObjectType<TKey, TObject> type) => (Mirror, ObjectType) = (mirror, type);

    /// <summary>The mirror that holds the objects.</summary>
    public Mirror Mirror { get; }

    /// <summary>The generated type.</summary>
    public ObjectType<TKey, TObject> ObjectType { get; }
}
