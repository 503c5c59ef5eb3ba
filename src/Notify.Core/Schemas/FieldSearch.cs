using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>Finds fields in a message and in everything it contains, outside in, by field number.</summary>
internal sealed class FieldSearch(Func<FieldDescriptor, bool> isWanted, bool singularOnly = false)
{
    private readonly Dictionary<MessageDescriptor, bool> _contains = [];
    private readonly List<FoundField> _found = [];

    public IReadOnlyList<FoundField> In(MessageDescriptor message)
    {
        _found.Clear();
        Walk(message, default, [message]);
        return [.. _found];
    }

    // What is in a group is not looked at; what google.protobuf declares has no annotations, and the C# classes of its wrappers have no properties of their own.
    private static MessageDescriptor? MessageIn(FieldDescriptor field) =>
        FieldStep.ValueOf(field) is { FieldType: FieldType.Message, MessageType: { } message } && message.File.Package != "google.protobuf" && !Groups.IsGroup(field) ? message : null;

    private void Walk(MessageDescriptor message, FieldPath path, List<MessageDescriptor> above)
    {
        foreach (var field in message.Fields.InFieldNumberOrder())
        {
            if (singularOnly && field.IsRepeated)
            {
                continue;
            }

            var here = path.Add(FieldStep.Of(field));
            if (isWanted(field))
            {
                _found.Add(new(here, field, [.. above]));
            }

            if (MessageIn(field) is not { } inner || !Contains(inner))
            {
                continue;
            }

            if (above.Contains(inner))
            {
                _found.Add(new(here, field, [.. above], IsEndless: true));
                continue;
            }

            above.Add(inner);
            Walk(inner, here, above);
            above.RemoveAt(above.Count - 1);
        }
    }

    /// <summary>Whether a walk into the message finds anything; without this check, deep schemas would be walked along every way through them.</summary>
    private bool Contains(MessageDescriptor message)
    {
        if (_contains.TryGetValue(message, out var known))
        {
            return known;
        }

        HashSet<MessageDescriptor> seen = [message];
        var open = new Queue<MessageDescriptor>(seen);
        var contains = false;
        while (!contains && open.Count > 0)
        {
            var fields = open.Dequeue().Fields.InFieldNumberOrder().Where(field => !singularOnly || !field.IsRepeated).ToList();
            contains = fields.Any(isWanted);
            foreach (var inner in fields.Select(MessageIn).OfType<MessageDescriptor>().Where(seen.Add))
            {
                open.Enqueue(inner);
            }
        }

        return _contains[message] = contains;
    }
}
