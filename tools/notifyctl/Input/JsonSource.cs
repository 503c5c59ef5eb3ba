using System.Text;
using System.Text.Json;

namespace Notify.Ctl.Input;

/// <summary>Reads JSON into <see cref="DataNode"/>s.</summary>
internal ref struct JsonSource
{
    private readonly string _file;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly List<int> _lines;
    private Utf8JsonReader _reader;

    private JsonSource(ReadOnlySpan<byte> bytes, string file)
    {
        _bytes = bytes;
        _file = file;
        _lines = [0];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\n')
                _lines.Add(i + 1);
        }
        _reader = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowMultipleValues = true });
    }

    /// <summary>The values of a text: usually one, any number where they follow one another.</summary>
    /// <exception cref="InputSyntaxException">The text is not JSON.</exception>
    public static List<DataNode> Read(string text, string file)
    {
        var source = new JsonSource(Encoding.UTF8.GetBytes(text), file);
        List<DataNode> values = [];
        try
        {
            while (source._reader.Read())
                values.Add(source.ReadValue());
        }
        catch (JsonException e)
        {
            var line = (int)(e.LineNumber ?? 0);
            var at = line < source._lines.Count ? source._lines[line] + (int)(e.BytePositionInLine ?? 0) : source._bytes.Length;
            throw new InputSyntaxException(source.At(at), $"this is not JSON: {Sentence(e.Message)}");
        }
        return values;
    }

    private static string Sentence(string text)
    {
        var end = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }

    private readonly Place At(long index)
    {
        var position = (int)Math.Min(index, _bytes.Length);
        var found = _lines.BinarySearch(position);
        var line = found >= 0 ? found : ~found - 1;
        return new Place(_file, line + 1, Encoding.UTF8.GetCharCount(_bytes[_lines[line]..position]) + 1);
    }

    private DataNode ReadValue()
    {
        var place = At(_reader.TokenStartIndex);
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadMap(place);
            case JsonTokenType.StartArray:
                List<DataNode> items = [];
                while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
                    items.Add(ReadValue());
                return new DataList(place, items);
            case JsonTokenType.String:
                return new DataScalar(place, ReadText(place), DataKind.Text);
            case JsonTokenType.Number:
                return new DataScalar(place, Encoding.UTF8.GetString(_reader.ValueSpan), DataKind.Number);
            case JsonTokenType.Null:
                return new DataScalar(place, "null", DataKind.Null);
            default:
                return new DataScalar(place, _reader.GetBoolean() ? "true" : "false", DataKind.Truth);
        }
    }

    private DataMap ReadMap(Place place)
    {
        List<KeyValuePair<DataScalar, DataNode>> entries = [];
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var at = At(_reader.TokenStartIndex);
            var name = new DataScalar(at, ReadText(at), DataKind.Text);
            _reader.Read();
            entries.Add(new(name, ReadValue()));
        }
        return new DataMap(place, entries);
    }

    private readonly string ReadText(Place place)
    {
        try
        {
            return _reader.GetString()!; // Only called on names and texts.
        }
        catch (InvalidOperationException)
        {
            throw new InputSyntaxException(place, "this is not JSON: half of a surrogate pair stands alone.");
        }
    }
}
