using Notify.Core.Types;
using static Notify.Testing.Tree.TestTypes;

namespace Notify.Core.Tests.Parts;

/// <summary>What a node knows of types: numbers stay, ranks follow from the union of what was declared.</summary>
public sealed class TypeTableTests
{
    private static readonly KeyLayout s_key = new([new KeyField(1, KeyFieldKind.Bytes)]);
    private readonly TypeTable _table = new();

    [Fact]
    public void Numbers_AreGivenInOrder_AndStay()
    {
        Assert.Equal([1, 2], new[] { "b", "a" }.Select(name => Declare(name).Number));
        Assert.Equal(1, Declare("b", "a", "c").Number);
        Assert.Equal(["b", "a"], _table.All.Select(type => type.Name));
        Assert.Null(_table.Find("c"));
    }

    [Fact]
    public void Ranks_AreAboveThoseOfWhatIsReferredTo_InAnyOrderOfDeclaration()
    {
        foreach (var type in All.Reverse())
        {
            _table.Declare(type);
        }

        Assert.Equal((0, 1, 2), (_table.Find(Flavor)!.Rank, _table.Find(App)!.Rank, _table.Find(Inst)!.Rank));
        Assert.Equal(0, _table.BrokenCycles);
    }

    [Fact]
    public void Declaration_ThatSaysLess_ChangesNothing()
    {
        Declare("a", "b");
        var version = _table.FollowVersion;

        Declare("a");

        Assert.Equal("b", Assert.Single(_table.Find("a")!.Declaration.RefersTo));
        Assert.Equal(version, _table.FollowVersion);
    }

    [Fact]
    public void Declaration_ThatSaysMore_RaisesRanksAndTheVersion()
    {
        Declare("a");
        Declare("b");
        var version = _table.FollowVersion;

        Declare("a", "b");

        Assert.True(_table.FollowVersion > version);
        Assert.Equal((1, 0), (_table.Find("a")!.Rank, _table.Find("b")!.Rank));
        Assert.Equal(["b"], _table.Find("a")!.Followed);
    }

    [Fact]
    public void Reference_ToAnUnknownType_IsFollowedAlready()
    {
        Declare("a", "later");
        Assert.Equal((0, "later"), (_table.Find("a")!.Rank, Assert.Single(_table.Find("a")!.Followed)));

        Declare("later");
        Assert.Equal(1, _table.Find("a")!.Rank);
    }

    [Fact]
    public void Cycle_OfMixedVersions_IsBrokenAtTheSamePlaceOnEveryNode()
    {
        var other = new TypeTable();
        var declarations = new[] { Type("a", "b"), Type("b", "c"), Type("c", "a", "d"), Type("d") };
        foreach (var type in declarations)
        {
            _table.Declare(type);
        }

        foreach (var type in declarations.Reverse())
        {
            other.Declare(type);
        }

        Assert.Equal((1, 1), (_table.BrokenCycles, other.BrokenCycles));
        Assert.All(_table.All, type => Assert.Equal(type.Rank, other.Find(type.Name)!.Rank));
        Assert.All(_table.All, type => Assert.Equal(type.Followed, other.Find(type.Name)!.Followed));
        Assert.Equal(["d"], _table.Find("c")!.Followed);
    }

    [Fact]
    public void Type_ThatRefersToItself_IsNotFollowed()
    {
        Declare("a", "a");

        Assert.Equal((0, 0), (_table.Find("a")!.Rank, _table.Find("a")!.Followed.Length));
    }

    [Theory]
    [InlineData("kind")]
    [InlineData("scope")]
    [InlineData("key")]
    public void Declaration_ThatContradicts_IsRefused(string what)
    {
        Declare("a");
        var type = what switch
        {
            "kind" => Type("a") with { Kind = TypeKind.Dynamic },
            "scope" => Type("a") with { ScopeType = "s" },
            _ => Type("a") with { KeyLayout = KeyLayout.Empty },
        };

        Assert.StartsWith("a: ", Assert.Throws<TypeConflictException>(() => _table.Declare(type)).Message, StringComparison.Ordinal);
        Assert.Equal(TypeKind.Stored, _table.Find("a")!.Declaration.Kind);
    }

    private CacheType Declare(string name, params string[] refersTo) => _table.Declare(Type(name, refersTo));

    private static TypeDeclaration Type(string name, params string[] refersTo) => new(name, TypeKind.Stored, s_key) { RefersTo = [.. refersTo] };
}
