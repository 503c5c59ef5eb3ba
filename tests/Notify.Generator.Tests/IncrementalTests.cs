using Microsoft.CodeAnalysis;
using Notify.Annotations;
using Notify.Generator.Tests.Support;
using static Microsoft.CodeAnalysis.IncrementalStepRunReason;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace Notify.Generator.Tests;

/// <summary>What runs again at each step, and what must not: an editor runs the generator at every key stroke.</summary>
public sealed class IncrementalTests
{
    private static readonly string[] Steps = [StepNames.Text, StepNames.Model, StepNames.Problems, StepNames.Types, StepNames.Registrations];

    [Fact]
    public void FirstRun_MakesEverythingNew()
    {
        var run = GeneratorRun.Of(TwoTypes());

        Assert.Empty(run.Diagnostics);
        Assert.Equal(["Test.TestTypes.g.cs", "test.Item.g.cs", "test.Order.g.cs"], run.Sources.Keys.Order(StringComparer.Ordinal));
        AssertSteps(run, text: [New], model: [New], problems: [], types: [New, New], registrations: [New], outputs: [New, New, New]);
    }

    [Fact]
    public void Steps_OfTheTests_AreAllThatTheGeneratorNames()
    {
        var named = typeof(StepNames).GetFields().Select(field => (string)field.GetValue(null)!);
        Assert.Equal(named.Order(), Steps.Order());
        Assert.All(named, step => Assert.NotEmpty(GeneratorRun.Of(WithAMistake()).Reasons(step)));
    }

    [Fact]
    public void UnrelatedCodeEdit_RunsNothingAgain() => AssertAllCached(GeneratorRun.Of(WithAMistake()).EditCode());

    [Fact]
    public void UnrelatedAdditionalFile_RunsNothingAgain() => AssertAllCached(GeneratorRun.Of(WithAMistake()).AddFile());

    [Fact]
    public void RebuildWithEqualDescriptors_StopsAtTheText() => AssertSteps(
        GeneratorRun.Of(TwoTypes()).Rebuild(TwoTypes()),
        text: [Unchanged], model: [Cached], problems: [], types: [Cached, Cached], registrations: [Cached], outputs: [Cached, Cached, Cached]);

    [Fact]
    public void EditedProtoComment_StopsAtTheModel()
    {
        var moved = TwoTypes();
        foreach (var location in moved.Proto.SourceCodeInfo.Location)
        {
            location.Span[0] += 3;
            location.LeadingComments = "More to say.";
        }

        AssertStopsAtTheModel(GeneratorRun.Of(TwoTypes()).Rebuild(moved));
    }

    [Fact]
    public void NewField_WithoutAnnotations_StopsAtTheModel() =>
        AssertStopsAtTheModel(GeneratorRun.Of(TwoTypes()).Rebuild(TwoTypes(message => message.Text("note", 7))));

    [Fact]
    public void NewMessage_WithoutAnnotations_StopsAtTheModel() =>
        AssertStopsAtTheModel(GeneratorRun.Of(TwoTypes()).Rebuild(TwoTypes().Message("Note", message => message.Text("text", 1))));

    [Fact]
    public void NewFile_WithoutAnnotations_StopsAtTheModel() =>
        AssertStopsAtTheModel(GeneratorRun.Of(TwoTypes()).Rebuild(TwoTypes(), new SchemaFile("notes.proto", "notes").Message("Note", message => message.Text("text", 1))));

    [Fact]
    public void NewReference_WritesItsTypeAlone() => AssertSteps(
        GeneratorRun.Of(TwoTypes()).Rebuild(TwoTypes(message => message.Text("other_item", 7, refersTo: "Item"))),
        text: [Modified], model: [Modified], problems: [], types: [Unchanged, Modified], registrations: [Unchanged], outputs: [Cached, Cached, Modified]);

    [Fact]
    public void EditedOption_WritesItsTypeAlone() => AssertSteps(
        GeneratorRun.Of(TwoTypes()).Rebuild(TwoTypes(message => message.Set(OptionsExtensions.NotifyPrintSendRecv))),
        text: [Modified], model: [Modified], problems: [], types: [Unchanged, Modified], registrations: [Unchanged], outputs: [Cached, Cached, Modified]);

    [Fact]
    public void NewCacheType_WritesItAndTheRegistration() => AssertSteps(
        GeneratorRun.Of(TwoTypes()).Rebuild(TwoTypes().Cache("Parcel", message => message.Text("order", 2, refersTo: "Order"))),
        text: [Modified], model: [Modified], problems: [], types: [Unchanged, Unchanged, New], registrations: [Modified], outputs: [Cached, Cached, New, Modified]);

    [Fact]
    public void NewMessageType_WritesTheRegistrationAlone() => AssertSteps(
        GeneratorRun.Of(TwoTypes()).Rebuild(TwoTypes().Message("Ping", message => message.Set(OptionsExtensions.NotifyMessage))),
        text: [Modified], model: [Modified], problems: [], types: [Unchanged, Unchanged], registrations: [Modified], outputs: [Cached, Cached, Modified]);

    [Fact]
    public void NewFile_WithACacheType_WritesItAndItsRegistration()
    {
        var other = new SchemaFile("other.proto", "zoo").Cache("Zebra", message => message.Field("order", 2, Type.Message, ".test.OrderKey", refersTo: "test.Order"));
        other.Proto.Options.CsharpNamespace = "Zoo";
        var file = TwoTypes();
        AssertSteps(
            GeneratorRun.Of(TwoTypes()).Rebuild(file, other.Import(file)),
            text: [Modified], model: [Modified], problems: [], types: [Unchanged, Unchanged, New], registrations: [Unchanged, New], outputs: [Cached, Cached, Cached, New, New]);
    }

    [Fact]
    public void RemovedCacheType_TakesItsFileAway()
    {
        var run = GeneratorRun.Of(TwoTypes()).Rebuild(new SchemaFile().Cache("Item"));
        Assert.Equal(["Test.TestTypes.g.cs", "test.Item.g.cs"], run.Sources.Keys.Order(StringComparer.Ordinal));
        AssertSteps(run, text: [Modified], model: [Modified], problems: [], types: [Unchanged, Removed], registrations: [Modified], outputs: [Cached, Modified, Removed]);
    }

    [Fact]
    public void NewMistake_IsReported_AndWritesNothingElseAgain() => AssertSteps(
        GeneratorRun.Of(TwoTypes()).Rebuild(WithAMistake()),
        text: [Modified], model: [Modified], problems: [New], types: [Unchanged, Unchanged], registrations: [Unchanged], outputs: [Cached, Cached, Cached, New]);

    private static SchemaFile WithAMistake() => TwoTypes().Message("Wrong", message => message.Set(OptionsExtensions.NotifyShared).Text("name", 1));

    private static SchemaFile TwoTypes(Action<SchemaMessage>? more = null) => new SchemaFile()
        .Cache("Item")
        .Cache("Order", message =>
        {
            message.Holding("item", 2, "ItemKey", refersTo: "Item");
            more?.Invoke(message);
        });

    private static void AssertStopsAtTheModel(GeneratorRun run) =>
        AssertSteps(run, text: [Modified], model: [Unchanged], problems: [], types: [Cached, Cached], registrations: [Cached], outputs: [Cached, Cached, Cached]);

    private static void AssertSteps(
        GeneratorRun run, IncrementalStepRunReason[] text, IncrementalStepRunReason[] model, IncrementalStepRunReason[] problems,
        IncrementalStepRunReason[] types, IncrementalStepRunReason[] registrations, IncrementalStepRunReason[] outputs)
    {
        Assert.Equal(text, run.Reasons(StepNames.Text));
        Assert.Equal(model, run.Reasons(StepNames.Model));
        Assert.Equal(problems, run.Reasons(StepNames.Problems));
        Assert.Equal(types, run.Reasons(StepNames.Types));
        Assert.Equal(registrations, run.Reasons(StepNames.Registrations));
        Assert.Equal(outputs.Order(), run.OutputReasons().Order());
    }

    private static void AssertAllCached(GeneratorRun run)
    {
        Assert.All(Steps, step =>
        {
            Assert.NotEmpty(run.Reasons(step));
            Assert.All(run.Reasons(step), reason => Assert.Equal(Cached, reason));
        });
        Assert.NotEmpty(run.OutputReasons());
        Assert.All(run.OutputReasons(), reason => Assert.Equal(Cached, reason));
    }
}
