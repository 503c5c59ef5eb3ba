using Google.Protobuf.Reflection;
using Notify.Core.Schemas;

namespace Notify.Generator.Emission;

/// <summary>Writes the statements that add an object's scopes and references to its envelope.</summary>
internal sealed class LinkEmitter(CodeWriter code, TypeModel type)
{
    private static readonly string[] Items = ["item", "item2", "item3", "item4", "item5", "item6", "item7", "item8"];
    private readonly LocalNames _locals = new(["obj", "envelope", .. Items]);
    private int _loops;

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
                Each(reference.Path, value => Built(reference, target, _ => value));
                break;
            case ReferenceForm.Template when reference.Entries.Count == 0:
                code.Line($"// Refers to the one {reference.Target.FullName}.");
                code.Line($"envelope.AddReference({target}.IdOf(new {CSharpNames.Class(reference.Key.Message)}()));");
                break;
            default:
                code.Line($"// Refers to {reference.Target.FullName} by a key template.");
                Built(reference, target, entry => Access("obj", entry.Source.Steps));
                break;
        }
    }

    /// <summary>Puts a key together where all of its sources are set to something other than their default.</summary>
    private void Built(ReferenceModel reference, string target, Func<TemplateEntry, string> valueOf)
    {
        var locals = reference.Entries.Select(entry => _locals.Next(CSharpNames.Local(entry.KeyField))).ToList();
        for (var i = 0; i < locals.Count; i++)
        {
            var entry = reference.Entries[i];
            var start = i == 0 ? "if (" : "    && ";
            var end = i == locals.Count - 1 ? ")" : "";
            code.Line($"{start}{valueOf(entry)} is {IsSet(entry.KeyField.Type, locals[i])}{end}");
        }

        code.Open();
        code.Line($"envelope.AddReference(").Indent();
        code.Line($"{target},");
        var fields = reference.Entries.Zip(locals, (entry, local) =>
            $"{CSharpNames.Property(entry.KeyField)} = {(entry.KeyField.Type == FieldType.Bool ? "true" : local)}").ToList();
        var key = $"new {CSharpNames.Class(reference.Key.Message)}";
        if (fields.Count == 1)
        {
            code.Line($"{key} {{ {fields[0]} }});");
        }
        else
        {
            code.Line(key).Open();
            fields.ForEach(field => code.Line(field + ","));
            code.Close("});");
        }

        code.Outdent().Close();
    }

    /// <summary>The pattern for a value that is set, into a local. Messages are set when they are there; a bool needs no local.</summary>
    private static string IsSet(FieldType type, string local) => type switch
    {
        FieldType.String => $"{{ Length: > 0 }} {local}",
        FieldType.Bytes => $"{{ IsEmpty: false }} {local}",
        FieldType.Message => $"{{ }} {local}",
        FieldType.Bool => "true",
        _ => $"{{ }} {local} and not 0",
    };

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

        if (plural > 0)
        {
            var holder = _locals.Next(CSharpNames.Local(steps[plural - 1]));
            code.Line($"if ({Access(from, steps.Take(plural))} is {{ }} {holder})");
            code.Open();
            from = holder;
        }

        var item = _loops < Items.Length ? Items[_loops] : _locals.Next("item");
        var values = steps[plural].Shape == StepShape.MapValues ? ".Values" : "";
        code.Line($"foreach (var {item} in {from}.{CSharpNames.Property(steps[plural])}{values})");
        code.Open();
        _loops++;
        Each(item, [.. steps.Skip(plural + 1)], use);
        _loops--;
        code.Close();
        if (plural > 0)
        {
            code.Close();
        }
    }

    /// <summary>A chain of properties; every message on the way may be unset.</summary>
    private static string Access(string from, IEnumerable<FieldStep> steps) =>
        steps.Select((step, index) => (index == 0 ? "." : "?.") + CSharpNames.Property(step)).Aggregate(from, string.Concat);
}
