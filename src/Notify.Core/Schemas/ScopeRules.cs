using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>Finds the scopes of a cache type.</summary>
internal sealed class ScopeRules(SchemaContext context)
{
    private readonly FieldSearch _marked = new(field => context.Of(field).IsScope);
    private readonly FieldSearch _cloudletKeys = new(field => IsOf(field, IsCloudletKey), singularOnly: true);

    /// <summary>The scopes of <paramref name="message"/>, or null where it is not filtered.</summary>
    public ScopeModel? Resolve(MessageDescriptor message, ResolvedKey key)
    {
        var annotations = context.Of(message);
        var marked = _marked.In(message).Where(found => !found.IsEndless).ToList();
        if (marked.Count > 0)
        {
            return Marked(message, marked);
        }

        if (annotations.ScopeKey.Length > 0)
        {
            return Named(message, key, annotations.ScopeKey);
        }

        return annotations.IsFilteredByCloudletKey ? Choose(message, key, IsCloudletKey, _cloudletKeys) : null;
    }

    private static bool IsCloudletKey(MessageDescriptor message) => message.Name == "CloudletKey";

    private static bool IsOf(FieldDescriptor field, Func<MessageDescriptor, bool> isScope) =>
        field.FieldType == FieldType.Message && isScope(field.MessageType);

    private static List<FoundField> Nearest(IEnumerable<FoundField> places) =>
        places.GroupBy(place => place.Path.Steps.Count).OrderBy(group => group.Key).FirstOrDefault()?.ToList() ?? [];

    private ScopeModel? Marked(MessageDescriptor message, List<FoundField> places)
    {
        var first = places[0];
        var named = context.Of(message).ScopeKey;
        foreach (var place in places)
        {
            var problem =
                place.Value.FieldType != FieldType.Message ? "notify_scope is on a field that holds no message"
                : place.Value.MessageType != first.Value.MessageType ? $"it holds another message than {first.Field.FullName}, which has notify_scope too"
                : named.Length > 0 && context.Find(named, message) != place.Value.MessageType ? $"notify_scope_key of {message.FullName} names {named}, which is another message than this field holds"
                : null;
            if (problem is not null)
            {
                context.Report(SchemaRule.ScopeWrong, place.Field, problem);
                return null;
            }
        }

        return new(MessageName.Of(first.Value.MessageType), new(places.Select(place => place.Path)));
    }

    private ScopeModel? Named(MessageDescriptor message, ResolvedKey key, string name)
    {
        if (context.Find(name, message) is not { } scope)
        {
            context.Report(SchemaRule.ScopeUnknown, message, name, "is no message here");
            return null;
        }

        var found = Choose(message, key, candidate => candidate == scope, new(field => IsOf(field, candidate => candidate == scope), singularOnly: true));
        if (found.Message is null)
        {
            context.Report(SchemaRule.ScopeUnknown, message, name, "neither the key nor the object contains");
        }

        return found;
    }

    /// <summary>The object where it is its own key, else what its key contains, else what it contains; there the place nearest to the top.</summary>
    private ScopeModel Choose(MessageDescriptor message, ResolvedKey key, Func<MessageDescriptor, bool> isScope, FieldSearch search)
    {
        if (key.Source == KeySource.Self && isScope(message))
        {
            return new(MessageName.Of(message), new([default]));
        }

        var all = search.In(message).Where(found => !found.IsEndless).ToList();
        var places = Nearest(all.Where(place => place.Path.Steps[0].Number == key.Field?.FieldNumber));
        if (places.Count == 0)
        {
            places = Nearest(all);
        }

        if (places.Count > 1)
        {
            context.Report(
                SchemaRule.ScopeAmbiguous, message, places[0].Value.MessageType.Name, string.Join(", ", places.Select(place => place.Path)));
        }

        return places.Count == 0 ? new(null, default) : new(MessageName.Of(places[0].Value.MessageType), new([places[0].Path]));
    }
}
