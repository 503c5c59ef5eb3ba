using Google.Protobuf;
using Google.Protobuf.Reflection;
using Notify.Annotations;
using Notify.Core;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Generator.Tests.Shop;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>A type known from a descriptor set alone makes the envelopes that its generated code makes.</summary>
public sealed class DescriptorObjectTypeTests
{
    private const int MessagesPerType = 400;

    public static TheoryData<string> TypeNames => [.. Compiled().Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void Declaration_EqualsThatOfGeneratedCode(string name)
    {
        var (compiled, described) = Both(name);

        Assert.Equal(compiled.Declaration with { RefersTo = [] }, described.Declaration with { RefersTo = [] });
        Assert.Equal(compiled.Declaration.RefersTo.AsEnumerable(), described.Declaration.RefersTo.AsEnumerable());
        Assert.Equal((compiled.ObjectBytesMax, compiled.LogsTraffic), (described.ObjectBytesMax, described.LogsTraffic));
        Assert.Equal(name, described.Descriptor.FullName);
    }

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void Envelopes_OfRandomMessages_EqualThoseOfGeneratedCode(string name)
    {
        var (compiled, described) = Both(name);
        if (name == "shop.v1.Secret")
        {
            Assert.Contains("computed by code", Assert.Throws<InvalidObjectException>(() => described.Read(ByteString.Empty)).Message, StringComparison.Ordinal);
            return;
        }

        var envelopes = 0;
        for (var seed = 0; seed < MessagesPerType; seed++)
        {
            var random = new RandomMessages(new Random(seed));
            var value = random.InParts(() => (IMessage)Activator.CreateInstance(compiled.Descriptor.ClrType)!);
            var expected = Outcome(() => compiled.Read(value));
            var actual = Outcome(() => described.Read(value));
            Assert.True(Equals(expected, actual), $"seed {seed} of {name}: generated code made {expected}, the descriptor {actual}");
            envelopes += expected is Envelope ? 1 : 0;
        }

        Assert.InRange(envelopes, MessagesPerType / 4, MessagesPerType);
    }

    [Fact]
    public void Load_ListsTypesInReferenceOrder() =>
        Assert.Equal(ShopTypes.All.Select(type => type.Name), DescriptorObjectType.Load(SetOf(ShopReflection.Descriptor)).Select(type => type.Name));

    [Fact]
    public void Load_OfASetInAnyOrder_LinksIt()
    {
        var set = FileDescriptorSet.Parser.ParseFrom(SetOf(ShopReflection.Descriptor));
        var reversed = new FileDescriptorSet { File = { set.File.Reverse() } };
        Assert.Equal(12, DescriptorObjectType.Load(reversed.ToByteString()).Count);
    }

    [Fact]
    public void Load_OfWrongAnnotations_ListsThemAll()
    {
        var file = new SchemaFile().Message("One", message => message.Set(OptionsExtensions.NotifyCache)).Message("Two", message => message.Set(OptionsExtensions.NotifyCache));
        var set = SetOf(OptionsReflection.Descriptor);
        var problem = Assert.Throws<InvalidSchemaException>(() => DescriptorObjectType.Load(ByteString.CopyFrom([.. set, .. new FileDescriptorSet { File = { file.Proto } }.ToByteArray()])));

        Assert.Equal(2, problem.Problems.Length);
        Assert.StartsWith("test.proto(10,1): NTFY003: test.One (test.proto) is a cache type without a key.", problem.Problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfASetWithoutImports_NamesWhatIsMissing()
    {
        var alone = new FileDescriptorSet { File = { ShopReflection.Descriptor.ToProto() } }.ToByteString();
        Assert.Equal(
            ["shop.proto imports notify/options.proto, which is not in the set. Make the set with protoc --include_imports --descriptor_set_out."],
            Assert.Throws<InvalidSchemaException>(() => DescriptorObjectType.Load(alone)).Problems.AsEnumerable());
    }

    [Fact]
    public void Load_OfBytesThatAreNoSet_SaysSo() =>
        Assert.Throws<InvalidSchemaException>(() => DescriptorObjectType.Load(ByteString.CopyFromUtf8("{ \"json\": true }")));

    [Theory]
    [InlineData("0aff", "While parsing")]
    [InlineData("1001", "shop.v1.Order.lines is encoded as Varint instead of LengthDelimited.")]
    [InlineData("9a010141", "")]
    [InlineData("1a01ff", "shop.v1.Order.items is not UTF-8.")]
    [InlineData("4802", "shop.v1.Order.cash is out of the range of its type.")]
    [InlineData("7080808080808001", "shop.v1.Order.edition is out of the range of its type.")]
    [InlineData("6a021005", "")]
    [InlineData("6a0610808080807f", "shop.v1.Order.Print.color is out of the range of its type.")]
    public void Read_OfWrongBytes_SaysWhatIsWrong(string hex, string problem)
    {
        var type = DescriptorObjectType.Load(SetOf(ShopReflection.Descriptor)).Single(candidate => candidate.Name == "shop.v1.Order");
        var valid = new Order { Key = new() { Number = 1 } }.ToByteArray();
        var value = ByteString.CopyFrom([.. valid, .. Convert.FromHexString(hex)]);
        if (problem.Length == 0)
        {
            Assert.Equal(OrderType.Instance.Read(value), type.Read(value));
            return;
        }

        Assert.Contains(problem, Assert.Throws<InvalidObjectException>(() => type.Read(value)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop.v1.Order")]
    [InlineData("shop.v1.Label")]
    [InlineData("edge.v1.Cloudlet")]
    public void Read_OfCorruptedBytes_IsRefused_OrMakesTheEnvelopeOfGeneratedCode(string name)
    {
        var (compiled, described) = Both(name);
        var refused = 0;
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var value = new RandomMessages(random).Fill((IMessage)Activator.CreateInstance(compiled.Descriptor.ClrType)!).ToByteArray();
            for (var i = random.Next(0, 3); i > 0 && value.Length > 0; i--)
            {
                value[random.Next(value.Length)] = (byte)random.Next(256);
            }

            var expected = Outcome(() => compiled.Read(ByteString.CopyFrom(value)));
            var actual = Outcome(() => described.Read(ByteString.CopyFrom(value)));
            Assert.True(actual is string || Equals(expected, actual), $"seed {seed} of {name}: generated code made {expected}, the descriptor {actual}");
            refused += actual is string ? 1 : 0;
        }

        Assert.InRange(refused, 300, 2700);
    }

    [Fact]
    public void Options_DeclaredInAnotherPackage_AreReadByNumber()
    {
        // What an edge-cloud file carries: the same numbers, declared by a file of its own.
        var options = OptionsReflection.Descriptor.ToProto();
        (options.Name, options.Package) = ("protogen.proto", "protogen");
        options.Extension.Single(extension => extension.TypeName.Length > 0).TypeName = ".protogen.Reference";
        var shop = ShopReflection.Descriptor.ToProto();
        shop.Dependency[0] = "protogen.proto";
        var set = new FileDescriptorSet { File = { DescriptorReflectionFile(), options, shop } }.ToByteString();

        Assert.Equal(ShopTypes.All.Select(type => type.Name), DescriptorObjectType.Load(set).Select(type => type.Name));
    }

    private static IEnumerable<ObjectType> Compiled() => EdgeTypes.All.Concat(ShopTypes.All);

    private static (ObjectType Compiled, DescriptorObjectType Described) Both(string name)
    {
        var compiled = Compiled().Single(type => type.Name == name);
        return (compiled, DescriptorObjectType.Load(SetOf([.. Compiled().Select(type => type.Descriptor.File)])).Single(type => type.Name == name));
    }

    private static FileDescriptorProto DescriptorReflectionFile() => OptionsReflection.Descriptor.Dependencies.Single().ToProto();

    private static ByteString SetOf(params FileDescriptor[] roots)
    {
        var files = new Dictionary<string, FileDescriptorProto>();
        Array.ForEach(roots, Add);
        return new FileDescriptorSet { File = { files.Values } }.ToByteString();

        void Add(FileDescriptor next)
        {
            next.Dependencies.ToList().ForEach(Add);
            files.TryAdd(next.Name, next.ToProto());
        }
    }

    private static object Outcome(Func<Envelope> read)
    {
        try
        {
            return read();
        }
        catch (InvalidObjectException e)
        {
            return e.Message;
        }
    }
}
