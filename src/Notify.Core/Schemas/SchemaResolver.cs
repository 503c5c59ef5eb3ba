using Google.Protobuf.Reflection;

namespace Notify.Core.Schemas;

/// <summary>
/// Reads annotations: the one place that says what they mean, for the generator and for nodes that get a descriptor set at run time.
/// </summary>
internal sealed class SchemaResolver
{
    private readonly SchemaContext _context;
    private readonly Dictionary<MessageDescriptor, ResolvedKey?> _keys = [];

    private SchemaResolver(SchemaContext context) => _context = context;

    /// <summary>Resolves the cache types and message types of one's own files; the other files are there to be referred to.</summary>
    public static SchemaModel Resolve(SchemaContext context) => new SchemaResolver(context).Resolve();

    private SchemaModel Resolve()
    {
        var options = new OptionRules(_context);
        foreach (var message in _context.Messages)
        {
            options.Check(message);
            if (_context.Of(message).IsCache)
            {
                _keys.Add(message, new KeyRules(_context).Resolve(message));
            }
        }

        var scopes = new ScopeRules(_context);
        var references = new ReferenceRules(_context, _keys);
        var ignored = new IgnoredRules(_context);
        foreach (var message in _context.Messages)
        {
            ignored.Check(message);
        }

        var types = _keys
            .Where(pair => pair.Value is not null)
            .Select(pair => ToModel(pair.Key, pair.Value!, scopes.Resolve(pair.Key, pair.Value!), references.Resolve(pair.Key)))
            .ToDictionary(type => type.Message.FullName, StringComparer.Ordinal);

        var graph = new ReferenceGraph(types.ToDictionary(type => type.Key, type => type.Value.RefersTo, StringComparer.Ordinal));
        ReportCycles(graph);

        var own = _context.Messages.Where(_context.IsOwn).ToList();
        var models = own.Where(message => types.ContainsKey(message.FullName)).Select(message => types[message.FullName])
            .Select(type => type with { Rank = graph.RankOf(type.Message.FullName) })
            .OrderBy(type => type.Rank).ThenBy(type => type.Message.FullName, StringComparer.Ordinal);
        var messages = own.Where(message => _context.Of(message) is { IsMessage: true, IsCache: false })
            .Select(message => new MessageModel(MessageName.Of(message), message.File.Name))
            .OrderBy(message => message.Message.FullName, StringComparer.Ordinal);
        return new(new(models), new(messages), new(_context.Problems));
    }

    private static ModelKind KindOf(MessageAnnotations annotations) =>
        annotations.IsShared ? ModelKind.Shared : annotations.IsDynamic ? ModelKind.Dynamic : ModelKind.Stored;

    private TypeModel ToModel(MessageDescriptor message, ResolvedKey key, ScopeModel? scope, IReadOnlyList<ReferenceModel> references)
    {
        var annotations = _context.Of(message);
        return new(MessageName.Of(message), message.File.Name, KindOf(annotations), key.ToModel())
        {
            Scope = scope,
            References = new(references),
            RefersTo = new(references.Select(reference => reference.Target.FullName).Distinct().OrderBy(name => name, StringComparer.Ordinal)),
            Flush = annotations.Flush ?? true,
            HasCustomUpdate = annotations.HasCustomUpdate,
            HasReceiveHook = annotations.HasReceiveHook,
            LogsTraffic = annotations.LogsTraffic,
            BytesMax = (int)Math.Min(annotations.BytesMax, int.MaxValue),
        };
    }

    private void ReportCycles(ReferenceGraph graph)
    {
        foreach (var cycle in graph.Cycles)
        {
            var culprit = _keys.Keys.FirstOrDefault(message => _context.IsOwn(message) && cycle.Contains(message.FullName));
            if (culprit is not null)
            {
                _context.Report(SchemaRule.ReferenceCycle, culprit, string.Join(" -> ", cycle.Append(cycle[0])));
            }
        }
    }
}
