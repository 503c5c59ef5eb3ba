using System.Text;

namespace Notify.Generator.Emission;

/// <summary>Text with indentation. Lines end with LF on every machine, so that output compares.</summary>
internal sealed class CodeWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public CodeWriter Line(string line = "")
    {
        if (line.Length > 0)
        {
            _text.Append(' ', _depth * 4).Append(line);
        }

        _text.Append('\n');
        return this;
    }

    public CodeWriter Indent()
    {
        _depth++;
        return this;
    }

    public CodeWriter Outdent()
    {
        _depth--;
        return this;
    }

    public CodeWriter Open() => Line("{").Indent();

    public CodeWriter Close(string end = "}") => Outdent().Line(end);

    public override string ToString() => _text.ToString();
}
