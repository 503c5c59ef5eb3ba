using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Storage;

namespace Notify.Server.Tests.Hosting;

/// <summary>A controller over a store that a program with other types has written.</summary>
public sealed class StoredTypesTests
{
    private readonly MemoryObjectStore _store = Memory();

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task KeyField_WithAnotherNumber_IsRefusedWithTypeAndRemedy()
    {
        await PutAsync(new Flavor { Key = new FlavorKey { Name = "tiny" } });

        var refused = await RefusedAsync(Edge(file => Of(file, "Flavor").Field.Single(field => field.Name == "key").Number = 99));

        Assert.Equal("edge.v1.Flavor", Assert.Single(refused.ObjectTypes));
        Assert.StartsWith("The store was written with other types: edge.v1.Flavor has its key elsewhere in this program than in the store", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Start this program with the types that wrote the store, or with an empty store", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeyOfAnotherField_IsRefused()
    {
        // The layout of the key is the same, and the object has both fields.
        var inst = new AppInst { Key = new AppInstKey { Organization = "acme", Name = "one" }, AppKey = new AppKey { Organization = "acme", Name = "app" } };
        var compiled = EdgeTypes.All.OfType<CompiledObjectType>().Single(type => type.Name == "edge.v1.AppInst");
        var stored = compiled.Describe(inst);
        await DeclareAsync();
        await CommitAsync(stored with { Id = new ObjectId(stored.Id.Type, stored.References[0].Key) });

        var refused = await RefusedAsync(EdgeTypes.All);

        Assert.Equal("edge.v1.AppInst", Assert.Single(refused.ObjectTypes));
    }

    [Fact]
    public async Task SeveralConflicts_AreAllNamed()
    {
        await DeclareAsync();

        var refused = await RefusedAsync(Edge(file =>
        {
            foreach (var key in file.MessageType.Where(message => message.Name is "FlavorKey" or "AppKey"))
            {
                key.Field[0].Number = 42;
            }
        }));

        Assert.Superset(new HashSet<string> { "edge.v1.Flavor", "edge.v1.App" }, refused.ObjectTypes.ToHashSet());
        Assert.Contains("edge.v1.Flavor has another key message in the store than in this program", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("peer", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StoredType_ThatIsDynamicNow_IsRefusedWithTheRemedy()
    {
        await DeclareAsync();
        var declared = EdgeTypes.All.Single(type => type.Name == "edge.v1.Flavor");
        await _store.DeclareAsync([new TypeDeclaration("edge.v1.ClusterInstInfo", TypeKind.Stored, declared.Declaration.KeyLayout)], Deadline);

        var refused = await RefusedAsync(EdgeTypes.All);

        Assert.Equal("edge.v1.ClusterInstInfo", Assert.Single(refused.ObjectTypes));
        Assert.Contains("edge.v1.ClusterInstInfo is Stored in the store and Dynamic in this program", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Start this program with the types that wrote the store", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SameTypes_OfCodeOrOfADescriptorSet_Start(bool hasCode)
    {
        await PutAsync(new Flavor { Key = new FlavorKey { Name = "tiny" } });

        using var host = Build(hasCode ? EdgeTypes.All : Edge(_ => { }));

        await host.StartAsync(Deadline);

        await host.StopAsync(Deadline);
    }

    private static MemoryObjectStore Memory() => new(StoreIdentity.Create(new Random(1)), new MemoryStoreOptions());

    private static DescriptorProto Of(FileDescriptorProto file, string name) =>
        file.MessageType.FirstOrDefault(message => message.Name == name) ?? new DescriptorProto { Field = { new FieldDescriptorProto { Name = "key" } } };

    /// <summary>The edge model from its descriptors, after an edit of each file.</summary>
    private static IReadOnlyList<ObjectType> Edge(Action<FileDescriptorProto> edit)
    {
        var set = new FileDescriptorSet();
        var seen = new HashSet<string>();
        foreach (var type in EdgeTypes.All)
        {
            Add(type.Descriptor.File);
        }

        return DescriptorObjectType.Load(set.ToByteString());

        void Add(FileDescriptor file)
        {
            if (!seen.Add(file.Name))
            {
                return;
            }

            foreach (var dependency in file.Dependencies)
            {
                Add(dependency);
            }

            var proto = FileDescriptorProto.Parser.ParseFrom(file.SerializedData);
            edit(proto);
            set.File.Add(proto);
        }
    }

    private async Task DeclareAsync() => await _store.DeclareAsync(
        [.. EdgeTypes.All.Select(type => type.Declaration).Where(declaration => declaration.Kind != TypeKind.Dynamic)], Deadline);

    private async Task PutAsync(IMessage message)
    {
        await DeclareAsync();
        await CommitAsync(EdgeTypes.All.OfType<CompiledObjectType>().Single(type => type.Name == message.Descriptor.FullName).Describe(message));
    }

    private async Task CommitAsync(Envelope envelope) =>
        Assert.IsType<CommitResult.Committed>(await _store.CommitAsync(new Transaction([StoreChange.Put(envelope)]), Deadline));

    private async Task<StoredTypeException> RefusedAsync(IEnumerable<ObjectType> types)
    {
        using var host = Build(types);
        return await Assert.ThrowsAsync<StoredTypeException>(() => host.StartAsync(Deadline));
    }

    private IHost Build(IEnumerable<ObjectType> types)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Logging.ClearProviders();
        builder.Services.AddNotifyServer(options => options.Name = "top").AddTypes(types).UseStore(_ => _store);
        return builder.Build();
    }
}
