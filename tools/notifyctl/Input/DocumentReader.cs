using System.Globalization;
using Notify.Core.Types;
using Notify.Ctl.Types;

namespace Notify.Ctl.Input;

/// <summary>Makes objects of <c>type</c>/<c>object</c> documents, and finds everything that is wrong with them.</summary>
internal sealed class DocumentReader(KnownTypes types, InputProblems problems)
{
    private static readonly string[] Names = ["type", "object", "revision"];

    private readonly MessageReader _messages = new(types.Registry, problems);
    private readonly Dictionary<ObjectId, Place> _seen = [];

    /// <summary>The objects that are right; the rest is among the problems.</summary>
    public List<ObjectDocument> Documents { get; } = [];

    /// <summary>Reads a document, or a list of them.</summary>
    public void Read(DataNode node)
    {
        switch (node)
        {
            case DataList list:
                foreach (var item in list.Items)
                    Read(item);
                break;
            case DataMap map:
                ReadDocument(map);
                break;
            default:
                problems.Add(node.Place, $"a document has 'type' and 'object', but here is {node.Describe()}.");
                break;
        }
    }

    private void ReadDocument(DataMap map)
    {
        Dictionary<string, DataNode> parts = new(StringComparer.Ordinal);
        foreach (var (name, value) in map.Entries)
        {
            if (!Names.Contains(name.Text))
                problems.Add(name.Place, $"a document has no '{name.Text}'{Expected(name.Text)}");
            else if (!parts.TryAdd(name.Text, value))
                problems.Add(name.Place, $"'{name.Text}' is given twice.");
        }
        if (FindType(map, parts) is not { } type)
            return;
        if (!parts.TryGetValue("object", out var node) || node is DataScalar { IsNull: true })
        {
            problems.Add(map.Place, $"the document has no 'object'; write the fields of the {type.ShortName} under it.");
            return;
        }
        var before = problems.Count;
        var message = _messages.Read(type.Descriptor, node);
        var revision = ReadRevision(parts);
        if (problems.Count > before)
            return;
        try
        {
            Add(new ObjectDocument(map.Place, type, message, type.Compiled.Describe(message), revision));
        }
        catch (InvalidObjectException e)
        {
            problems.Add(node.Place, e.Message);
        }
    }

    private static string Expected(string name) =>
        Nearest.Question(name, Names) is { Length: > 0 } question ? question : "; it has 'type' and 'object', and the object's fields stand under 'object'.";

    private KnownType? FindType(DataMap map, Dictionary<string, DataNode> parts)
    {
        if (!parts.TryGetValue("type", out var node) || node is DataScalar { IsNull: true })
            problems.Add(map.Place, "the document has no 'type'.");
        else if (node is not DataScalar name)
            problems.Add(node.Place, $"'type' must be the name of a type, not {node.Describe()}.");
        else if (types.Find(name.Text) is { } type)
            return type;
        else
            problems.Add(node.Place, types.DescribeUnknown(name.Text));
        return null;
    }

    private long? ReadRevision(Dictionary<string, DataNode> parts)
    {
        if (!parts.TryGetValue("revision", out var node) || node is DataScalar { IsNull: true })
            return null;
        if (node is DataScalar scalar && long.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            return revision;
        problems.Add(node.Place, $"'revision' must be a revision, not {node.Describe()}; 0 stands for an object that does not exist yet.");
        return null;
    }

    private void Add(ObjectDocument document)
    {
        if (!document.Type.IsStored)
            problems.Add(document.Place, $"{document.Type.ShortName} objects belong to the nodes that send them and cannot be written.");
        else if (document.Type.Compiled.ObjectBytesMax is { } most && document.Envelope.Value.Length > most)
            problems.Add(document.Place, $"{document.Name} has {document.Envelope.Value.Length} bytes, and its type allows {most}.");
        else if (_seen.TryAdd(document.Envelope.Id, document.Place))
            Documents.Add(document);
        else
            problems.Add(document.Place, $"{document.Name} is in the input twice, first at {_seen[document.Envelope.Id]}.");
    }
}
