using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Notify.Ctl.Input;

/// <summary>Reads YAML into <see cref="DataNode"/>s.</summary>
internal sealed class YamlSource
{
    private const int DepthMax = 64;
    // An alias stands for a whole tree, and aliases of aliases grow without bound.
    private const int NodesMax = 1_000_000;

    private readonly string _file;
    private readonly Parser _parser;
    private readonly Dictionary<string, (DataNode Node, int Count)> _anchors = new(StringComparer.Ordinal);
    private int _count;

    private YamlSource(string text, string file) => (_file, _parser) = (file, new Parser(new StringReader(text)));

    /// <summary>The documents of a text. Empty ones are left out.</summary>
    /// <exception cref="InputSyntaxException">The text is not YAML, or uses what objects have no use for.</exception>
    public static List<DataNode> Read(string text, string file) => new YamlSource(text, file).ReadDocuments();

    private List<DataNode> ReadDocuments()
    {
        List<DataNode> documents = [];
        try
        {
            _parser.Consume<StreamStart>();
            while (_parser.TryConsume<DocumentStart>(out _))
            {
                _anchors.Clear();
                _count = 0;
                var document = ReadNode(0);
                if (document is not DataScalar { IsNull: true })
                    documents.Add(document);
                _parser.Consume<DocumentEnd>();
            }
            return documents;
        }
        catch (YamlException e)
        {
            // A tab is complained about with the place of the text before it.
            throw new InputSyntaxException(At(e.Message.Contains("tab character", StringComparison.Ordinal) ? e.End : e.Start), Sentence(e));
        }
    }

    private static string Sentence(YamlException e)
    {
        // The parser's own text repeats the place in some of its messages.
        var text = e.Message;
        var end = text.StartsWith('(') ? text.IndexOf("): ", StringComparison.Ordinal) : -1;
        return $"this is not YAML: {(end < 0 ? text : text[(end + 3)..]).TrimEnd('.')}.";
    }

    private Place At(Mark mark) => new(_file, (int)mark.Line, (int)mark.Column);

    private DataNode ReadNode(int depth)
    {
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return Resolve(alias);
        if (!_parser.Accept<NodeEvent>(out var start))
            throw new InputSyntaxException(At(_parser.Current!.Start), "this is not YAML: a value is missing.");
        if (depth > DepthMax)
            throw new InputSyntaxException(At(start.Start), $"values are nested more than {DepthMax} deep.");
        var before = _count;
        Count(1, start.Start);
        DataNode node = start switch
        {
            Scalar => ReadScalar(_parser.Consume<Scalar>()),
            SequenceStart => ReadList(_parser.Consume<SequenceStart>(), depth),
            _ => ReadMap(_parser.Consume<MappingStart>(), depth),
        };
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor.Value] = (node, _count - before);
        return node;
    }

    private DataNode Resolve(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var found))
            throw new InputSyntaxException(At(alias.Start), $"there is no anchor &{alias.Value.Value} before this alias.");
        Count(found.Count, alias.Start);
        return found.Node;
    }

    private void Count(int more, Mark mark)
    {
        _count += more;
        if (_count > NodesMax)
            throw new InputSyntaxException(At(mark), $"this document has more than {NodesMax} values, its aliases written out.");
    }

    private DataScalar ReadScalar(Scalar scalar)
    {
        var isText = scalar.Style != ScalarStyle.Plain || (!scalar.Tag.IsEmpty && (scalar.Tag.IsNonSpecific || scalar.Tag.Value == "tag:yaml.org,2002:str"));
        return new DataScalar(At(scalar.Start), scalar.Value, isText ? DataKind.Text : DataKind.Plain);
    }

    private DataList ReadList(SequenceStart start, int depth)
    {
        List<DataNode> items = [];
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode(depth + 1));
        return new DataList(At(start.Start), items);
    }

    private DataMap ReadMap(MappingStart start, int depth)
    {
        List<KeyValuePair<DataScalar, DataNode>> entries = [];
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(depth + 1);
            if (key is not DataScalar name)
                throw new InputSyntaxException(key.Place, $"a name must stand before the colon, not {key.Describe()}.");
            entries.Add(new(name, ReadNode(depth + 1)));
        }
        return new DataMap(At(start.Start), entries);
    }
}
