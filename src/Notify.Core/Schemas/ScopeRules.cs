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
        var scope = Find(message, key, out var descriptor);
        if (descriptor is null)
        {
            return scope;
        }

        if (FaultOf(descriptor) is { } fault)
        {
            context.Report(SchemaRule.ScopeUnusable, message, descriptor.FullName, fault);
            return null;
        }

        if (context.Of(message).IsFilteredByCloudletKey && !IsCloudletKey(descriptor))
        {
            context.Report(
                SchemaRule.NoEffect, message, "notify_filter_cloudlet_key", $"{descriptor.FullName} is the scope key", "remove notify_scope_key and notify_scope");
        }

        return scope;
    }

    private static string? FaultOf(MessageDescriptor scope) =>
        KeyFaults.Of(scope) ?? (scope.Fields.InDeclarationOrder().Count == 0 ? "has no fields" : null);

    /// <summary>The scopes, and the message that is the scope key; both null where the type is not filtered, the latter where there is no scope.</summary>
    private ScopeModel? Find(MessageDescriptor message, ResolvedKey key, out MessageDescriptor? scope)
    {
        scope = null;
        var annotations = context.Of(message);
        var marked = _marked.In(message);
        if (marked.FirstOrDefault(found => found.IsEndless) is { } endless)
        {
            context.Report(SchemaRule.ScopeRecursive, message, endless.Value.MessageType.FullName);
            return null;
        }

        if (marked.Count > 0)
        {
            return Marked(message, marked, out scope);
        }

        if (annotations.ScopeKey.Length > 0)
        {
            return Named(message, key, annotations.ScopeKey, out scope);
        }

        return annotations.IsFilteredByCloudletKey ? Choose(message, key, IsCloudletKey, _cloudletKeys, out scope) : null;
    }

    private static bool IsCloudletKey(MessageDescriptor message) => message.Name == "CloudletKey";

    private static bool IsOf(FieldDescriptor field, Func<MessageDescriptor, bool> isScope) =>
        field.FieldType == FieldType.Message && isScope(field.MessageType);

    private static List<FoundField> Nearest(IEnumerable<FoundField> places) =>
        places.GroupBy(place => place.Path.Steps.Count).OrderBy(group => group.Key).FirstOrDefault()?.ToList() ?? [];

    private ScopeModel? Marked(MessageDescriptor message, IReadOnlyList<FoundField> places, out MessageDescriptor? scope)
    {
        scope = null;
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
                context.ReportFor(message, SchemaRule.ScopeWrong, place.Field, problem);
                return null;
            }
        }

        scope = first.Value.MessageType;
        return new(MessageName.Of(scope), new(places.Select(place => place.Path)));
    }

    private ScopeModel? Named(MessageDescriptor message, ResolvedKey key, string name, out MessageDescriptor? scope)
    {
        scope = null;
        if (context.Find(name, message) is not { } named)
        {
            context.Report(SchemaRule.ScopeUnknown, message, name, "is no message here");
            return null;
        }

        var found = Choose(
            message, key, candidate => candidate == named, new(field => IsOf(field, candidate => candidate == named), singularOnly: true), out scope);
        if (found.Message is null)
        {
            context.Report(SchemaRule.ScopeUnknown, message, name, "neither the key nor the object contains in a singular field");
        }

        return found;
    }

    /// <summary>The object where it is its own key, else what its key contains, else what it contains; there the place nearest to the top.</summary>
    private ScopeModel Choose(
        MessageDescriptor message, ResolvedKey key, Func<MessageDescriptor, bool> isScope, FieldSearch search, out MessageDescriptor? scope)
    {
        if (key.Source == KeySource.Self && isScope(message))
        {
            scope = message;
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

        scope = places.Count == 0 ? null : places[0].Value.MessageType;
        return scope is null ? new(null, default) : new(MessageName.Of(scope), new([places[0].Path]));
    }
}
