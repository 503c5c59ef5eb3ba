using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>Finds names in <c>ignore_refers_to</c> that leave nothing out: a name with a mistake leaves a reference in.</summary>
internal sealed class IgnoredRules(SchemaContext context)
{
    private readonly FieldSearch _referring = new(field => context.Of(field).RefersTo.Length > 0);

    public void Check(MessageDescriptor message)
    {
        var annotations = context.Of(message);
        if (annotations.Ignored.Count == 0)
        {
            return;
        }

        var named = annotations.References.Select(text => (Name: text.To, From: message))
            .Concat(_referring.In(message).SelectMany(Referring))
            .Select(reference => (reference.Name, Target: context.Find(reference.Name, reference.From)))
            .ToList();
        foreach (var ignored in annotations.Ignored.Where(ignored => !named.Any(one => ReferenceRules.IsNamed(ignored, one.Name, one.Target))))
        {
            context.Report(
                SchemaRule.NoEffect, message, $"{ignored} in ignore_refers_to", "nothing in the message refers to it", "write the name as refers_to does");
        }
    }

    /// <summary>What a found field refers to; one that repeats at ever greater depth stands for all that is in its message.</summary>
    private IEnumerable<(string Name, MessageDescriptor From)> Referring(FoundField found) => found.IsEndless
        ? _referring.In(found.Value.MessageType).Where(inner => !inner.IsEndless).SelectMany(Referring)
        : [(context.Of(found.Field).RefersTo, found.Field.ContainingType)];
}
