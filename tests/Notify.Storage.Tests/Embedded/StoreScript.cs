using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Simulation.Disks;
using Notify.Storage.Embedded;

namespace Notify.Storage.Tests.Embedded;

/// <summary>A fixed row of commits over a simulated disk, and what a store that went through a part of it has to hold.</summary>
internal sealed class StoreScript(SimulatedDisk disk, EmbeddedStoreOptions? options = null)
{
    public const string Thing = "test.Thing";

    private static readonly KeyLayout s_name = new([new KeyField(1, KeyFieldKind.Bytes)]);

    private readonly List<Dictionary<ObjectId, string>> _states = [new()];

    /// <summary>Small files, so that a short script begins several and writes checkpoints.</summary>
    public static EmbeddedStoreOptions Small { get; } = new()
    {
        LogFileBytes = 600,
        CheckpointBytes = 1000,
        HistoryRevisionsMax = 6,
        Execute = static work => work(),
    };

    /// <summary>How many commits were acknowledged.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>The state after each commit of the script, acknowledged or not; the first is the empty one.</summary>
    public IReadOnlyList<Dictionary<ObjectId, string>> States => _states;

    public static EmbeddedObjectStore Open(IDisk disk, EmbeddedStoreOptions? options = null) =>
        EmbeddedObjectStore.Open(disk, new Random(1), options ?? Small, NullLogger.Instance);

    public static ObjectId Id(string name) => new(Thing, ByteString.CopyFrom([0x0A, (byte)name.Length, .. System.Text.Encoding.UTF8.GetBytes(name)]));

    public static StoreChange Put(string name, string value) => StoreChange.Put(new Envelope(Id(name), ByteString.CopyFromUtf8(value)));

    public static async Task DeclareAsync(IObjectStore store) =>
        await store.DeclareAsync([new TypeDeclaration(Thing, TypeKind.Stored, s_name)], CancellationToken.None);

    /// <summary>Runs the script until its end, or until the power goes.</summary>
    public async Task RunAsync(int commits)
    {
        try
        {
            var store = Open(disk, options);
            await DeclareAsync(store);
            for (var i = 0; i < commits; i++)
            {
                // Two puts together, and now and then a delete: whole or absent shows.
                var state = new Dictionary<ObjectId, string>(_states[^1]) { [Id($"a{i % 5}")] = $"v{i}", [Id($"b{i % 7}")] = $"v{i}" };
                var changes = new List<StoreChange> { Put($"a{i % 5}", $"v{i}"), Put($"b{i % 7}", $"v{i}") };
                if (i % 4 == 3 && state.Remove(Id($"a{(i + 2) % 5}")))
                {
                    changes.Add(StoreChange.Delete(Id($"a{(i + 2) % 5}")));
                }

                _states.Add(state);
                Assert.IsType<CommitResult.Committed>(await store.CommitAsync(new Transaction([.. changes]), CancellationToken.None));
                Acknowledged++;
            }

            await store.DisposeAsync();
        }
        catch (PowerLossException)
        {
            // Nothing runs on a machine without power: the store is not closed either.
        }
    }

    /// <summary>Opens what is left: everything acknowledged has to be there, and of what was not, whole commits or nothing.</summary>
    public async Task CheckAsync(SimulatedDisk left, string when)
    {
        await using var store = Open(left, options);
        var held = await StateAsync(store);
        var possible = _states.Skip(Acknowledged).Take(2).ToArray();
        Assert.True(
            possible.Any(state => Same(state, held)),
            $"{when}: after {Acknowledged} acknowledged commits the store holds {Text(held)}, not {string.Join(" or ", possible.Select(Text))}");

        // It goes on: what is committed now is there next time.
        await DeclareAsync(store);
        Assert.IsType<CommitResult.Committed>(await store.CommitAsync(new Transaction([Put("after", when)]), CancellationToken.None));
        await store.DisposeAsync();
        held[Id("after")] = when;
        await using var again = Open(left.AfterPowerLoss(keepsName: static () => false, kept: static _ => 0), options);
        Assert.Equal(Text(held), Text(await StateAsync(again)));
    }

    public static async Task<Dictionary<ObjectId, string>> StateAsync(IObjectStore store)
    {
        var state = new Dictionary<ObjectId, string>();
        await foreach (var envelope in (await store.SnapshotAsync(0, CancellationToken.None)).Objects)
        {
            state.Add(envelope.Id, envelope.Value.ToStringUtf8());
        }

        return state;
    }

    public static string Text(Dictionary<ObjectId, string> state) =>
        "{" + string.Join(" ", state.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key.Key.Span[2..].ToArray().Aggregate("", (text, one) => text + (char)one)}={pair.Value}")) + "}";

    private static bool Same(Dictionary<ObjectId, string> one, Dictionary<ObjectId, string> other) =>
        one.Count == other.Count && one.All(pair => other.GetValueOrDefault(pair.Key) == pair.Value);
}
