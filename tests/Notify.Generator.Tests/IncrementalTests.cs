using Microsoft.CodeAnalysis;
using Notify.Annotations;
using Notify.Generator.Tests.Support;

namespace Notify.Generator.Tests;

/// <summary>What runs again, and what must not: an editor runs the generator at every key stroke.</summary>
public sealed class IncrementalTests
{
    private static readonly string[] Steps = [StepNames.Text, StepNames.Model, StepNames.Types, StepNames.Registrations];

    [Fact]
    public void UnrelatedCodeEdit_RunsNothingAgain()
    {
        var first = GeneratorRun.Of(TwoTypes());
        AssertFresh(first);
        AssertAllCached(first.EditCode());
    }

    [Fact]
    public void UnrelatedAdditionalFile_RunsNothingAgain()
    {
        var first = GeneratorRun.Of(TwoTypes());
        AssertFresh(first);
        AssertAllCached(first.AddFile());
    }

    [Fact]
    public void RebuildWithEqualDescriptors_StopsAtTheText()
    {
        var second = GeneratorRun.Of(TwoTypes()).Rebuild(TwoTypes());

        Assert.Equal([IncrementalStepRunReason.Unchanged], second.Reasons(StepNames.Text));
        Assert.Equal([IncrementalStepRunReason.Cached], second.Reasons(StepNames.Model));
        Assert.All(second.OutputReasons(), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void EditedProtoComment_StopsAtTheModel()
    {
        var moved = TwoTypes();
        foreach (var location in moved.Proto.SourceCodeInfo.Location)
        {
            location.Span[0] += 3;
            location.LeadingComments = "More to say.";
        }

        var second = GeneratorRun.Of(TwoTypes()).Rebuild(moved);

        Assert.Equal([IncrementalStepRunReason.Modified], second.Reasons(StepNames.Text));
        Assert.Equal([IncrementalStepRunReason.Unchanged], second.Reasons(StepNames.Model));
        Assert.All(second.OutputReasons(), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    [Fact]
    public void EditedMessage_WritesItsTypeAlone()
    {
        var second = GeneratorRun.Of(TwoTypes()).Rebuild(TwoTypes(message => message.Set(OptionsExtensions.NotifyPrintSendRecv)));

        Assert.Equal([IncrementalStepRunReason.Modified, IncrementalStepRunReason.Unchanged], second.Reasons(StepNames.Types).Order());
        Assert.Equal([IncrementalStepRunReason.Unchanged], second.Reasons(StepNames.Registrations));
        Assert.Single(second.OutputReasons(), IncrementalStepRunReason.Modified);
    }

    private static SchemaFile TwoTypes(Action<SchemaMessage>? more = null) => new SchemaFile()
        .Cache("Item")
        .Cache("Order", message =>
        {
            message.Holding("item", 2, "ItemKey", refersTo: "Item");
            more?.Invoke(message);
        });

    private static void AssertFresh(GeneratorRun run)
    {
        Assert.Empty(run.Diagnostics);
        Assert.Equal(["Test.TestTypes.g.cs", "test.Item.g.cs", "test.Order.g.cs"], run.Sources.Keys.Order(StringComparer.Ordinal));
        Assert.All(Steps, step => Assert.All(run.Reasons(step), reason => Assert.Equal(IncrementalStepRunReason.New, reason)));
    }

    private static void AssertAllCached(GeneratorRun run)
    {
        Assert.All(Steps, step =>
        {
            Assert.NotEmpty(run.Reasons(step));
            Assert.All(run.Reasons(step), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
        });
        Assert.NotEmpty(run.OutputReasons());
        Assert.All(run.OutputReasons(), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }
}
