using Google.Protobuf;
using Notify.Core.Journal;
using Notify.Core.Types;

namespace Notify.Core.Sync;

/// <summary>The items of one space that a peer asked for, indexed. Belongs to one session.</summary>
internal sealed class SenderInterest
{
    private readonly Dictionary<string, TypeInterest> _byType = new(StringComparer.Ordinal);
    private readonly HashSet<Scope> _scopes = [];
    private readonly Dictionary<uint, Scope> _otherSpace = [];
    private readonly HashSet<Scope> _allScopes = [];
    private bool _hasReferred;

    public Dictionary<uint, SenderItem> Items { get; } = [];

    /// <summary>The scopes that items of either space name.</summary>
    public IReadOnlyCollection<Scope> AllScopes => _allScopes;

    /// <summary>
    /// The scopes whose lanes count: those that an item names, and where something is asked for by reference those that items of the other
    /// space name, too, for "referred" means all the interest's scopes.
    /// </summary>
    public IReadOnlySet<Scope> Scopes => _hasReferred ? _allScopes : _scopes;

    /// <summary>Some item needs the main lane: it asks for all objects of a type, or for one key.</summary>
    public bool NeedsMain => _byType.Values.Any(type => type.All is not null || type.Keys.Count > 0);

    public void Add(SenderItem item)
    {
        Items.Add(item.Number, item);
        var type = Type(item.Type) ?? (_byType[item.Type] = new TypeInterest());
        switch (item.Selector.Kind)
        {
            case SelectorKind.All:
                type.All ??= item;
                break;
            case SelectorKind.Referred:
                type.Referred ??= item;
                _hasReferred = true;
                break;
            case SelectorKind.Scope:
                type.Scopes.TryAdd(item.Selector.Scope, item);
                _scopes.Add(item.Selector.Scope);
                _allScopes.Add(item.Selector.Scope);
                break;
            case SelectorKind.Key:
                type.Keys.TryAdd(item.Selector.Key, item);
                break;
            default:
                break; // A named selector is not served here: it covers nothing.
        }
    }

    /// <summary>Notes an item of the other space: what its scope's objects refer to in this one may be asked for.</summary>
    public void AddOtherSpace(SenderItem item)
    {
        if (item.Selector.Kind == SelectorKind.Scope)
        {
            _otherSpace[item.Number] = item.Selector.Scope;
            _allScopes.Add(item.Selector.Scope);
        }
    }

    /// <summary>The interest without some items. Items are shared with this one, so what was told stays told.</summary>
    public SenderInterest Without(IEnumerable<uint> numbers)
    {
        var removed = numbers.ToHashSet();
        var rest = new SenderInterest();
        foreach (var item in Items.Values.Where(item => !removed.Contains(item.Number)))
        {
            rest.Add(item);
        }

        foreach (var (number, scope) in _otherSpace.Where(other => !removed.Contains(other.Key)))
        {
            rest._otherSpace.Add(number, scope);
            rest._allScopes.Add(scope);
        }

        return rest;
    }

    public TypeInterest? Type(string type) => _byType.GetValueOrDefault(type);

    /// <summary>The item that covers an entry of a scope's lane, or null: the lane holds more than any one session asks for.</summary>
    public SenderItem? CoverInLane(LaneEntry entry, Scope scope) => CoverInLane(entry.Id.Type, entry.Direct, scope);

    /// <summary>The item that covered a key while it was in a scope's lane the other way, by reference instead of directly or the reverse.</summary>
    public SenderItem? CoverInLaneBefore(LaneEntry entry, Scope scope) => CoverInLane(entry.Id.Type, !entry.Direct, scope);

    /// <summary>The item that covers an object in the main lane, where possible one that is not put off; or null.</summary>
    public SenderItem? CoverInMain(ObjectId id) =>
        Type(id.Type) is not { } type ? null
        : type.All is { IsPutOff: false } all ? all
        : type.Keys.GetValueOrDefault(id.Key) ?? type.All;

    /// <summary>True when any item covers the object as it is now. Called inside the mirror's lock.</summary>
    /// <param name="envelope">The object.</param>
    /// <param name="journal">Where the lanes are.</param>
    /// <param name="sentBy">Items that this cut holds back do not count; null: they do.</param>
    public bool Covers(Envelope envelope, SpaceJournal journal, SenderCut? sentBy)
    {
        return Type(envelope.Id.Type) is { } type
            && (Counts(type.All)
                || Counts(type.Keys.GetValueOrDefault(envelope.Id.Key))
                || envelope.Scopes.Any(scope => Counts(type.Scopes.GetValueOrDefault(scope)))
                || (Counts(type.Referred) && envelope.Scopes.IsEmpty && IsReferred(envelope.Id, journal)));

        bool Counts(SenderItem? item) => item is not null && sentBy?.IsHeldBack(item) != true;
    }

    /// <summary>True when some lane of the interest has the object by reference. Called inside the mirror's lock.</summary>
    /// <param name="id">The object.</param>
    /// <param name="journal">Where the lanes are.</param>
    /// <param name="asOf">Leaves out lanes that have it only since this cut's cursor, or null.</param>
    public bool IsReferred(ObjectId id, SpaceJournal journal, SenderCut? asOf = null)
    {
        if (journal.Find(id) is not { } record)
        {
            return false;
        }

        // By the shorter way: an object may be in very many lanes, and an interest may have very many scopes.
        return record.Members.Count < Scopes.Count
            ? record.Members.Exists(member => IsIn(member) && Scopes.Contains(member.Lane.Scope))
            : Scopes.Any(scope => journal.FindLane(scope) is { } lane && lane.Members.TryGetValue(id, out var member) && IsIn(member));

        bool IsIn(LaneMember member) =>
            member is { Visible: true, Direct: false, Entry: { } entry } && (asOf is null || !asOf.IsAfterCursor(entry));
    }

    private SenderItem? CoverInLane(string typeName, bool direct, Scope scope) =>
        Type(typeName) is not { } type ? null
        : direct ? type.Scopes.GetValueOrDefault(scope)
        : type.Referred;

    internal sealed class TypeInterest
    {
        public SenderItem? All { get; set; }

        public SenderItem? Referred { get; set; }

        public Dictionary<Scope, SenderItem> Scopes { get; } = [];

        public Dictionary<ByteString, SenderItem> Keys { get; } = [];
    }
}
