using Google.Protobuf;
using Notify.Core.Storage;
using Notify.Core.Types;
using Xunit;

namespace Notify.Testing;

/// <summary>
/// What <see cref="IObjectStore"/> promises, as tests. Every store has a test class that derives from this one and says how to open it
/// empty. The tests use no clock: they wait for revisions, and a deadline ends what hangs.
/// </summary>
public abstract partial class StoreConformance : IAsyncLifetime
{
    /// <summary>The type that most tests store.</summary>
    protected const string Thing = "test.Thing";

    /// <summary>A second type, so that epochs span types.</summary>
    protected const string Other = "test.Other";

    private static readonly KeyLayout NameKey = new([new KeyField(1, KeyFieldKind.Bytes)]);

    /// <summary>The store under test: empty but for the declarations of the two types.</summary>
    protected IObjectStore Store { get; private set; } = null!; // Set by InitializeAsync, which xunit runs before each test.

    /// <summary>Ends a test that hangs.</summary>
    protected CancellationToken Deadline { get; } = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    /// <summary>Limits of the store under test: small, so that tests can reach them.</summary>
    protected static StoreLimits TestLimits { get; } = new() { ChangesMax = 10, CommitBytesMax = 4000, ObjectBytesMax = 1000 };

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        Store = await OpenAsync(TestLimits);
        await Store.DeclareAsync([Declaration(Thing), Declaration(Other)], Deadline);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync() => await Store.DisposeAsync();

    /// <summary>Opens an empty store that keeps all history of a test until it is compacted.</summary>
    protected abstract ValueTask<IObjectStore> OpenAsync(StoreLimits limits);

    /// <summary>Declares a stored type with a key of one string.</summary>
    protected static TypeDeclaration Declaration(string name, params string[] refersTo) =>
        new(name, TypeKind.Stored, NameKey) { RefersTo = [.. refersTo] };

    /// <summary>The id of a test object.</summary>
    protected static ObjectId Id(string name, string type = Thing)
    {
        var key = new byte[name.Length + 2];
        using var output = new CodedOutputStream(key);
        output.WriteTag(1, WireFormat.WireType.LengthDelimited);
        output.WriteString(name);
        return new(type, UnsafeByteOperations.UnsafeWrap(key));
    }

    /// <summary>A put of a test object.</summary>
    protected static StoreChange Put(string name, string value, string type = Thing) =>
        StoreChange.Put(new Envelope(Id(name, type), ByteString.CopyFromUtf8(value)));

    /// <summary>A delete of a test object.</summary>
    protected static StoreChange Delete(string name, string type = Thing) => StoreChange.Delete(Id(name, type));

    /// <summary>Commits changes that must be taken.</summary>
    protected async Task<CommitResult.Committed> CommitAsync(params StoreChange[] changes) =>
        Assert.IsType<CommitResult.Committed>(await Store.CommitAsync(new Transaction([.. changes]), Deadline));

    /// <summary>Commits changes on conditions, whatever comes of it.</summary>
    protected async Task<CommitResult> TryCommitAsync(RevisionCondition condition, params StoreChange[] changes) =>
        await Store.CommitAsync(new Transaction([.. changes]) { Conditions = [condition] }, Deadline);

    /// <summary>The head now.</summary>
    protected async Task<long> HeadAsync() => (await Store.RevisionsAsync(Deadline)).Head;

    /// <summary>The state at a snapshot, values as text.</summary>
    protected async Task<(long Revision, Dictionary<ObjectId, Envelope> Objects)> StateAsync(long horizon = 0)
    {
        var snapshot = await Store.SnapshotAsync(horizon, Deadline);
        var objects = new Dictionary<ObjectId, Envelope>();
        await foreach (var envelope in snapshot.Objects.WithCancellation(Deadline))
        {
            objects.Add(envelope.Id, envelope);
        }

        return (snapshot.Revision, objects);
    }

    /// <summary>Every epoch that says anything, from after <paramref name="after"/> up to <paramref name="upTo"/>.</summary>
    protected async Task<List<StoreEpoch>> EpochsAsync(long after, long upTo)
    {
        var epochs = new List<StoreEpoch>();
        if (after >= upTo)
        {
            return epochs;
        }

        await foreach (var epoch in Store.WatchAsync(after, Deadline))
        {
            Assert.True(epoch.Revision > after, $"epoch {epoch.Revision} came after {after}");
            Assert.All(epoch.Changes, change => Assert.Equal(epoch.Revision, change.Envelope?.Revision ?? epoch.Revision));
            after = epoch.Revision;
            if (epoch.Revision <= upTo && (epoch.Changes.Length > 0 || epoch.Declarations.Length > 0))
            {
                epochs.Add(epoch);
            }

            if (epoch.Revision >= upTo)
            {
                break;
            }
        }

        return epochs;
    }

    /// <summary>Applies epochs to a state, as a mirror would.</summary>
    protected static void Apply(Dictionary<ObjectId, Envelope> state, IEnumerable<StoreEpoch> epochs)
    {
        foreach (var change in epochs.SelectMany(epoch => epoch.Changes))
        {
            if (change.Envelope is { } envelope)
            {
                state[change.Id] = envelope;
            }
            else
            {
                Assert.True(state.Remove(change.Id), $"{change.Id} was deleted twice, or before it was created");
            }
        }
    }

    private static void AssertSame(Dictionary<ObjectId, Envelope> expected, Dictionary<ObjectId, Envelope> actual) =>
        Assert.Equal(expected.Values.OrderBy(envelope => envelope.Id), actual.Values.OrderBy(envelope => envelope.Id));

    private static string TextOf(Envelope envelope) => envelope.Value.ToStringUtf8();
}
