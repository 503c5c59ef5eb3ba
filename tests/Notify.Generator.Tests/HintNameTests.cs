using Notify.Annotations;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>Names of generated files: the compiler and many file systems compare them without case, and editors keep files open by them.</summary>
public sealed class HintNameTests
{
    [Fact]
    public void Names_AreThoseOfTheMessages_AndOfTheRegistration() =>
        Assert.Equal(["Test.TestTypes.g.cs", "test.Item.g.cs"], NamesOf(new SchemaFile().Cache("Item")));

    [Fact]
    public void NestedMessage_HasTheNameOfItsPath() =>
        Assert.Equal(["Acme.V1.V1Types.g.cs", "p.v1.Outer.Inner.g.cs"], NamesOf(Nested("package p.v1;", "Acme.V1")));

    [Fact]
    public void Messages_OfTheSameNameInTwoPackages_HaveTwoNames()
    {
        var other = new SchemaFile("other.proto", "other").Cache("Item");
        other.Proto.Options.CsharpNamespace = "Other";
        Assert.Equal(
            ["Other.OtherTypes.g.cs", "Test.TestTypes.g.cs", "other.Item.g.cs", "test.Item.g.cs"],
            GeneratorRun.Of(new SchemaFile().Cache("Item"), other).Sources.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_ThatDifferInCaseOnly_AreMarkedEach()
    {
        var names = NamesOf(new SchemaFile().Cache("Item").Cache("ITEM"));
        Assert.Equal(["Test.TestTypes.g.cs", "test.ITEM-c49a3eb0.g.cs", "test.Item-7fe52250.g.cs"], names);
        AssertUnique(names);
    }

    [Fact]
    public void Names_OfAMessageAndARegistration_ThatAreTheSame_AreMarkedEach()
    {
        var file = new SchemaFile("test.proto", "Other").Cache("OtherTypes");
        var other = new SchemaFile("other.proto", "x").Cache("Item");
        other.Proto.Options.CsharpNamespace = "Other";
        var run = GeneratorRun.Of(file, other);

        Assert.Empty(run.Diagnostics);
        Assert.Equal(4, run.Sources.Count);
        AssertUnique(run.Sources.Keys);
        Assert.Equal(2, run.Sources.Keys.Count(name => name.StartsWith("Other.OtherTypes-", StringComparison.Ordinal)));
    }

    [Fact]
    public void Names_DoNotDependOnTheOrderOfDeclarations() =>
        Assert.Equal(NamesOf(new SchemaFile().Cache("Item").Cache("ITEM").Cache("Shelf")), NamesOf(new SchemaFile().Cache("Shelf").Cache("ITEM").Cache("Item")));

    [Fact]
    public void Names_DoNotChange_WhenAnotherTypeComes()
    {
        var before = NamesOf(new SchemaFile().Cache("Item").Cache("ITEM"));
        var after = NamesOf(new SchemaFile().Cache("Apple").Cache("Item").Cache("ITEM").Message("Ping", message => message.Set(OptionsExtensions.NotifyMessage)));
        Assert.Equal(before, after.Except(["test.Apple.g.cs"]));
    }

    [Fact]
    public void LongNames_AreCutAndMarked()
    {
        var (first, second) = (new string('M', 200) + "A", new string('M', 200) + "B");
        var names = NamesOf(new SchemaFile().Cache(first).Cache(second));
        AssertUnique(names);
        Assert.All(names, name => Assert.InRange(name.Length, 1, 140));
    }

    [Fact]
    public void Namespace_WithLettersOfOtherScripts_HasAPlainName()
    {
        var file = new SchemaFile().Cache("Item");
        file.Proto.Options.CsharpNamespace = "Zürich.Läden";
        var names = NamesOf(file);
        AssertUnique(names);
        Assert.All(names, name => Assert.Matches("^[A-Za-z0-9._-]+$", name));
        Assert.Contains("namespace Zürich.Läden;", GeneratorRun.Of(file).Sources["test.Item.g.cs"], StringComparison.Ordinal);
    }

    [Fact]
    public void Files_WithoutPackageAndNamespace_HaveNames()
    {
        var names = new ProtoProject(("p.proto", "syntax = \"proto3\"; import \"notify/options.proto\"; message Item { option (notify.notify_cache) = true; option (notify.obj_and_key) = true; string name = 1; }"))
            .Run().Sources.Keys.Order(StringComparer.Ordinal);
        Assert.Equal(["Item.g.cs", "Types.g.cs"], names);
    }

    private static IReadOnlyList<string> NamesOf(SchemaFile file) => NamesOf(GeneratorRun.Of(file));

    private static IReadOnlyList<string> NamesOf(GeneratorRun run)
    {
        Assert.Empty(run.Diagnostics);
        Assert.Null(run.Result.Exception);
        return [.. run.Sources.Keys.Order(StringComparer.Ordinal)];
    }

    private static IReadOnlyList<string> NamesOf(ProtoProject project) => NamesOf(project.Run());

    private static ProtoProject Nested(string package, string csharpNamespace) => new(
        ("p.proto", $$"""
            syntax = "proto3"; {{package}} option csharp_namespace = "{{csharpNamespace}}"; import "notify/options.proto";
            message Key { option (notify.obj_key) = true; string name = 1; }
            message Outer { message Inner { option (notify.notify_cache) = true; Key key = 1; } }
            """));

    private static void AssertUnique(IEnumerable<string> names)
    {
        var all = names.ToList();
        Assert.Equal(all.Count, all.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }
}
