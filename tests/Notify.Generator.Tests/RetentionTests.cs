using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Notify.Annotations;
using Notify.Core.Schemas;
using Notify.Generator.Extraction;
using Notify.Generator.Tests.Shop;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>What a step returns lives as long as the editor, so it holds nothing but values.</summary>
public sealed class RetentionTests
{
    [Theory]
    [InlineData(typeof(DescriptorText))]
    [InlineData(typeof(GeneratorModel))]
    public void Model_ByItsTypes_HoldsValuesOnly(System.Type root)
    {
        var seen = new HashSet<System.Type>();
        var open = new Queue<System.Type>([root]);
        while (open.TryDequeue(out var type))
        {
            if (!seen.Add(type) || IsValue(type))
            {
                continue;
            }

            Assert.True(type.IsArray || type.Namespace!.StartsWith("Notify.", StringComparison.Ordinal), $"{root.Name} holds a {type}.");
            Assert.True(type.IsArray || type.IsSealed, $"{type} may be derived from, so it may hold anything.");
            if (type.IsArray)
            {
                open.Enqueue(type.GetElementType()!);
            }

            Array.ForEach(FieldsOf(type), field => open.Enqueue(field.FieldType));
        }

        Assert.True(seen.Count > 3);
    }

    [Fact]
    public void Steps_OfARealRun_ReturnValuesOnly()
    {
        var file = ShopReflection.Descriptor.ToProto();
        file.MessageType[0].Options.SetExtension(OptionsExtensions.NotifyShared, true);
        var run = GeneratorRun.OfText(GeneratorRun.TextOf([file]));
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var named = run.Result.TrackedSteps.Where(step => step.Key.StartsWith("Notify", StringComparison.Ordinal)).ToList();

        Assert.Equal(5, named.Count);
        foreach (var (value, step) in named.SelectMany(pair => pair.Value.SelectMany(step => step.Outputs).Select(output => (output.Value, pair.Key))))
        {
            Walk(value, step, seen);
        }

        Assert.Contains(seen, value => value is TypeModel);
        Assert.Contains(seen, value => value is PlacedProblem);
    }

    [Fact]
    public void Models_OfTwoRuns_AreEqual()
    {
        var text = DescriptorText.Parse(GeneratorRun.TextOf([ShopReflection.Descriptor.ToProto()]));
        var (first, second) = (ModelExtractor.Extract(text), ModelExtractor.Extract(text));
        Assert.NotSame(first, second);
        Assert.Equal(first, second);
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
    }

    [Fact]
    public void Driver_AfterTheNextRun_HoldsNoCompilationOfTheLast()
    {
        var (driver, compilation) = RunTwice();
        for (var i = 0; i < 10 && compilation.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(compilation.IsAlive);
        Assert.Equal(2, driver.GetRunResult().Results.Single().GeneratedSources.Length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (GeneratorDriver Driver, WeakReference Compilation) RunTwice()
    {
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new CacheGenerator().AsSourceGenerator()],
            [new InMemoryText("/project/obj/notify.descriptors.txt", GeneratorRun.TextOf([new SchemaFile().Cache("Item").Proto]))],
            optionsProvider: new InMemoryOptions(hasTargets: true));
        var first = CSharpCompilation.Create("Project", [CSharpSyntaxTree.ParseText("class First;")]);
        driver = driver.RunGenerators(first).RunGenerators(CSharpCompilation.Create("Project", [CSharpSyntaxTree.ParseText("class Second;")]));
        return (driver, new(first));
    }

    private static void Walk(object? value, string step, HashSet<object> seen)
    {
        if (value is null || IsValue(value.GetType()) || !seen.Add(value))
        {
            return;
        }

        Assert.False(
            value is Compilation or SyntaxTree or ISymbol or IDescriptor or Google.Protobuf.IMessage or AdditionalText, $"{step} holds a {value.GetType()}.");
        if (value is IEnumerable items)
        {
            foreach (var item in items)
            {
                Walk(item, step, seen);
            }
        }

        Array.ForEach(FieldsOf(value.GetType()), field => Walk(field.GetValue(value), step, seen));
    }

    private static bool IsValue(System.Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || (Nullable.GetUnderlyingType(type) is { } inner && IsValue(inner));

    private static FieldInfo[] FieldsOf(System.Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
}
