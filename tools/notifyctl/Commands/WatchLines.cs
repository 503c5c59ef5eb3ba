using System.Text.Json.Nodes;
using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Types;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary>Prints the events of a watch.</summary>
internal sealed class WatchLines(CommandContext context, bool changesOnly)
{
    // A new version looks the same whether there was one before or not; the keys seen tell.
    private readonly HashSet<ObjectId> _seen = [];

    // Removals have no revision of their own; that of their view comes with its last response.
    private readonly List<(string Word, ObjectName Name)> _removals = [];

    /// <summary>Something has arrived.</summary>
    public bool HasStarted { get; private set; }

    public void Write(WatchResponse response)
    {
        HasStarted = true;
        foreach (var change in response.Events)
        {
            switch (change.EventCase)
            {
                case WatchEvent.EventOneofCase.Put:
                    WritePut(change.Put, isHidden: response.Initial && changesOnly);
                    break;
                case WatchEvent.EventOneofCase.Removed:
                    _removals.Add(("removed", change.Removed));
                    break;
                case WatchEvent.EventOneofCase.Left:
                    _removals.Add(("left", change.Left));
                    break;
                default:
                    break; // An event of a newer node.
            }
        }
        if (response.Position is { } position)
            WriteRemovals(position);
        if (response is { Initial: true, More: false } && context.Format == OutputFormat.Table)
            context.Error.Line($"{_seen.Count} objects at revision {response.Position?.StoredRevision ?? 0}; waiting for changes");
    }

    private void WritePut(ObjectView view, bool isHidden)
    {
        var typeName = view.Value.TypeUrl[(view.Value.TypeUrl.LastIndexOf('/') + 1)..];
        var word = _seen.Add(new ObjectId(typeName, view.Key)) ? "added" : "changed";
        if (!isHidden)
            Print(word, word == "added" ? Ink.Green : Ink.Yellow, typeName, view.Key, view.Revision, view.Value.Value);
    }

    private void WriteRemovals(MirrorPosition position)
    {
        foreach (var (word, name) in _removals)
        {
            _seen.Remove(new ObjectId(name.Type, name.Key));
            var isDynamic = context.Types.Find(name.Type) is { IsDynamic: true };
            Print(word, Ink.Red, name.Type, name.Key, isDynamic ? position.DynamicRevision : position.StoredRevision, value: null);
        }
        _removals.Clear();
    }

    private void Print(string word, Ink ink, string typeName, ByteString key, long revision, ByteString? value)
    {
        var type = context.Types.Find(typeName);
        if (context.Format == OutputFormat.Table)
        {
            var name = type?.NameOf(key) ?? $"{typeName} {Convert.ToHexString(key.Span)}";
            context.Out.Line($"{context.Out.Paint(word.PadRight(7), ink)}  {name}  revision {revision}");
            return;
        }
        var plainNumbers = context.Format == OutputFormat.Yaml;
        JsonObject line = new()
        {
            ["event"] = word,
            ["type"] = KnownType.Shorten(typeName),
            ["key"] = ToJson(type, key, plainNumbers),
            ["revision"] = revision,
        };
        if (type is not null && value is not null)
            line["object"] = context.Text.ToJson(type.Descriptor.Parser.ParseFrom(value), plainNumbers);
        if (plainNumbers)
            new YamlWriter(context.Out.Writer).Write(line);
        else
            context.Out.Line(ObjectText.ToText(line, indented: false));
    }

    private JsonNode ToJson(KnownType? type, ByteString key, bool plainNumbers)
    {
        if (type is null)
            return Convert.ToHexString(key.Span);
        return type.IsSingular ? new JsonObject() : context.Text.ToJson(type.Compiled.DecodeKey(key), plainNumbers);
    }
}
