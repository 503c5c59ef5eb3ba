using Google.Protobuf.Reflection;
using Notify.Core.Schemas;

namespace Notify.Generator.Emission;

/// <summary>Writes the statements that add an object's scopes and references to its envelope.</summary>
internal sealed class LinkEmitter(CodeWriter code, TypeModel type)
{
    private int _depth;

    public void Emit()
    {
        foreach (var path in type.Scope?.Paths ?? default)
        {
            code.Line(path.Steps.Count == 0 ? "// The object is its own scope." : $"// Scope by {path}.");
            Each(path, value => code.Line($"envelope.AddScope(\"{type.Scope!.Message!.FullName}\", ScopeKeys, {value});"));
        }

        foreach (var reference in type.References)
        {
            Reference(reference);
        }
    }

    private void Reference(ReferenceModel reference)
    {
        var target = $"{CSharpNames.Type(reference.Target)}.Instance";
        switch (reference.Form)
        {
            case ReferenceForm.Whole:
                code.Line($"// Refers to {reference.Target.FullName} by {reference.Path}.");
                Each(reference.Path, value => code.Line($"envelope.AddReference({target}, {value});"));
                break;
            case ReferenceForm.OneField:
                code.Line($"// Refers to {reference.Target.FullName} by {reference.Path}.");
                Each(reference.Path, value => Built(reference, target, _ => value, reference.Path.Last.Shape != StepShape.Singular || reference.Path.Steps.Count == 1));
                break;
            default:
                var entries = reference.Entries.Select(entry => $"{entry.KeyField.Name} = {entry.Source}");
                code.Line($"// Refers to {reference.Target.FullName} by {(reference.Entries.Count == 0 ? "its one object" : string.Join(", ", entries))}.");
                Built(reference, target, entry => Access("obj", entry.Source.Steps), isCertain: null);
                break;
        }
    }

    /// <summary>Puts a key together. <paramref name="isCertain"/> says that no null comes up on the way; null leaves it to each source.</summary>
    private void Built(ReferenceModel reference, string target, Func<TemplateEntry, string> valueOf, bool? isCertain)
    {
        var key = CSharpNames.Class(reference.Key.Message);
        if (reference.Entries.Count == 0)
        {
            code.Line($"envelope.AddReference({target}.IdOf(new {key}()));");
            return;
        }

        code.Open();
        foreach (var entry in reference.Entries)
        {
            var value = valueOf(entry);
            var certain = isCertain ?? entry.Source.Steps.Count == 1;
            var isStruct = entry.KeyField.Type is not (FieldType.String or FieldType.Bytes or FieldType.Message);
            code.Line($"var {Local(entry)} = {(isStruct && !certain ? $"({value}).GetValueOrDefault()" : value)};");
        }

        code.Line($"if ({string.Join(" && ", reference.Entries.Select(IsSet))})");
        code.Open();
        var fields = reference.Entries.Select(entry => $"{CSharpNames.Property(entry.KeyField)} = {Local(entry)}");
        code.Line($"envelope.AddReference({target}, new {key} {{ {string.Join(", ", fields)} }});");
        code.Close();
        code.Close();
    }

    private static string IsSet(TemplateEntry entry) => entry.KeyField.Type switch
    {
        FieldType.String => $"!string.IsNullOrEmpty({Local(entry)})",
        FieldType.Bytes => $"{Local(entry)} is {{ IsEmpty: false }}",
        FieldType.Message => $"{Local(entry)} is not null",
        _ => $"{Local(entry)} != default",
    };

    private static string Local(TemplateEntry entry) => CSharpNames.Local(entry.KeyField, "Value");

    /// <summary>Writes <paramref name="use"/> for the values at the end of a path, in a loop where there can be several.</summary>
    private void Each(FieldPath path, Action<string> use) => Each("obj", [.. path.Steps], use);

    private void Each(string from, FieldStep[] steps, Action<string> use)
    {
        var plural = Array.FindIndex(steps, step => step.Shape != StepShape.Singular);
        if (plural < 0)
        {
            use(Access(from, steps));
            return;
        }

        var number = _depth++ == 0 ? "" : $"{_depth}";
        if (plural > 0)
        {
            code.Line($"if ({Access(from, steps.Take(plural))} is {{ }} holder{number})");
            code.Open();
            from = $"holder{number}";
        }

        var values = steps[plural].Shape == StepShape.MapValues ? ".Values" : "";
        code.Line($"foreach (var item{number} in {from}.{CSharpNames.Property(steps[plural])}{values})");
        code.Open();
        Each($"item{number}", [.. steps.Skip(plural + 1)], use);
        code.Close();
        if (plural > 0)
        {
            code.Close();
        }

        _depth--;
    }

    /// <summary>A chain of properties; every message on the way may be unset.</summary>
    private static string Access(string from, IEnumerable<FieldStep> steps) =>
        steps.Select((step, index) => (index == 0 ? "." : "?.") + CSharpNames.Property(step)).Aggregate(from, string.Concat);
}
