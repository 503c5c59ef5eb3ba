using System.Text.Json.Nodes;
using Notify.Core.Protocol;
using Notify.Ctl.Types;

namespace Notify.Ctl.Output;

/// <summary>Shows objects that a node returned. What it writes as YAML or JSON, <c>apply -f</c> reads.</summary>
/// <param name="output">For the objects.</param>
/// <param name="notes">For what the reader should know about them.</param>
/// <param name="types">The types that can be decoded.</param>
/// <param name="withRevisions">Documents have the objects' revisions.</param>
internal sealed class ObjectWriter(Terminal output, Terminal notes, KnownTypes types, bool withRevisions)
{
    private readonly ObjectText _text = new(types.Registry);

    /// <summary>One object: a row, a document, a value.</summary>
    public void WriteOne(ObjectView view, OutputFormat format)
    {
        var (type, known) = Known([view]).SingleOrDefault();
        if (type is null)
            return;
        if (format == OutputFormat.Table)
            ObjectTable.Write(output, type, known);
        else if (format == OutputFormat.Yaml)
            new YamlWriter(output.Writer).Write(ToDocument(type, view, plainNumbers: true));
        else
            output.Line(ObjectText.ToText(ToDocument(type, view, plainNumbers: false), indented: true));
    }

    /// <summary>Any number of objects: a table for each type, documents, an array.</summary>
    public void WriteAll(IReadOnlyList<ObjectView> views, OutputFormat format)
    {
        var known = Known(views);
        switch (format)
        {
            case OutputFormat.Table:
                WriteTables(known);
                break;
            case OutputFormat.Yaml:
                YamlWriter yaml = new(output.Writer);
                foreach (var (type, view) in Flat(known))
                    yaml.Write(ToDocument(type, view, plainNumbers: true));
                break;
            default:
                var documents = Flat(known).Select(of => ToDocument(of.Type, of.View, plainNumbers: false));
                output.Line(ObjectText.ToText(new JsonArray([.. documents]), indented: true));
                break;
        }
    }

    private static IEnumerable<(KnownType Type, ObjectView View)> Flat(IEnumerable<(KnownType Type, List<ObjectView> Views)> known) =>
        known.SelectMany(of => of.Views.Select(view => (of.Type, view)));

    private void WriteTables(List<(KnownType Type, List<ObjectView> Views)> known)
    {
        for (var i = 0; i < known.Count; i++)
        {
            if (known.Count > 1)
                output.Line($"{(i > 0 ? "\n" : "")}{known[i].Type.ShortName} ({known[i].Views.Count})");
            ObjectTable.Write(output, known[i].Type, known[i].Views);
        }
    }

    private List<(KnownType Type, List<ObjectView> Views)> Known(IReadOnlyList<ObjectView> views)
    {
        List<(KnownType Type, List<ObjectView> Views)> known = [];
        foreach (var group in views.GroupBy(view => KnownType.NameOfUrl(view.Value.TypeUrl)))
        {
            if (types.Find(group.Key) is { } type)
                known.Add((type, [.. group]));
            else
                notes.Line($"{notes.Paint("note:", Ink.Yellow)} type {group.Key} is left out ({group.Count()} of the objects): this program does not know it.");
        }
        return known;
    }

    private JsonObject ToDocument(KnownType type, ObjectView view, bool plainNumbers)
    {
        if (ObjectText.HasUnknownFields(type, view.Value.Value))
            notes.Line($"{notes.Paint("note:", Ink.Yellow)} {type.NameOf(view.Key)} has fields that this program does not know; applying what it shows would remove them.");
        return _text.ToDocument(type, type.Descriptor.Parser.ParseFrom(view.Value.Value), withRevisions ? view.Revision : null, plainNumbers);
    }
}
