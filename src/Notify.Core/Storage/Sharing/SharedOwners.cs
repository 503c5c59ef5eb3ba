using System.Collections.Immutable;
using Google.Protobuf;
using Notify.Core.Protocol;
using Notify.Core.Sessions;
using Notify.Core.Types;
using Envelope = Notify.Core.Types.Envelope;

namespace Notify.Core.Storage.Sharing;

/// <summary>
/// What a controller's mirror says of shared objects: whose they are, who speaks for those nodes, and which controllers live. Kept as the store's
/// epochs come. Guarded by the lock of the mirror.
/// </summary>
internal sealed class SharedOwners
{
    private static readonly HashSet<ObjectId> s_none = [];

    private readonly Dictionary<string, Owner> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Attachment> _attachments = new(StringComparer.Ordinal);
    private readonly HashSet<string> _controllers = new(StringComparer.Ordinal);
    private HashSet<string> _changedNodes = new(StringComparer.Ordinal);
    private HashSet<ObjectId> _changedIds = [];

    /// <summary>Wakes who takes the changes; without one none are kept.</summary>
    public Action? Wake { get; set; }

    /// <summary>Nodes that own objects in the store, or have a record there.</summary>
    public IEnumerable<string> Nodes => _owners.Keys.Union(_attachments.Keys);

    /// <summary>The objects of the store with a node's stamp.</summary>
    public IReadOnlyCollection<ObjectId> ObjectsOf(string node) => _owners.GetValueOrDefault(node)?.Objects ?? s_none;

    /// <summary>The record of a node, or null.</summary>
    public Attachment? Find(string node) => _attachments.GetValueOrDefault(node);

    /// <summary>True while the controller of that process lives, as far as the store knows.</summary>
    public bool IsAlive(string controller) => _controllers.Contains(controller);

    /// <summary>
    /// The highest number that a session of the node is known to have had, and its process, or "" where that is not known; 0 where the store knows
    /// nothing of the node.
    /// </summary>
    public (long Attachment, string Process) Highest(string node)
    {
        var stamped = _owners.GetValueOrDefault(node)?.Highest ?? (0, "");
        return Find(node) is { } record && record.Number >= stamped.Attachment ? (record.Number, record.Process) : stamped;
    }

    /// <summary>A version came, went, or was replaced.</summary>
    public void Note(ObjectId id, Envelope? before, Envelope? after)
    {
        if (id.Type == Records.Attachments.Name)
        {
            if (TryParse(AttachKey.Parser, id.Key) is { } key)
            {
                NoteAttachment(key.Node, after);
            }
        }
        else if (id.Type == Records.Controllers.Name)
        {
            if (TryParse(ControllerKey.Parser, id.Key) is { } key)
            {
                NoteController(key.Process, isAlive: after is not null);
            }
        }
        else if (before?.Stamp is not null || after?.Stamp is not null)
        {
            NoteObject(id, before?.Stamp, after?.Stamp);
        }
    }

    /// <summary>There is something to take.</summary>
    public bool HasChanged => _changedNodes.Count + _changedIds.Count > 0;

    /// <summary>Which nodes' records, and which objects, changed since the last call.</summary>
    public (HashSet<string> Nodes, HashSet<ObjectId> Ids) TakeChanged()
    {
        var changed = (_changedNodes, _changedIds);
        (_changedNodes, _changedIds) = (new(StringComparer.Ordinal), []);
        return changed;
    }

    private void NoteAttachment(string node, Envelope? after)
    {
        if (after is null || TryParse(AttachRecord.Parser, after.Value) is not { } record)
        {
            if (_attachments.Remove(node, out var former) && _owners.TryGetValue(node, out var owner) && former.Number >= owner.Highest.Attachment)
            {
                owner.Highest = (former.Number, former.Process);
            }
        }
        else
        {
            _attachments[node] = new Attachment(record.Attachment, record.Process, record.Controller, [.. record.Path], after.Revision);
        }

        NoteChanged(_changedNodes, node);
    }

    private void NoteController(string process, bool isAlive)
    {
        if (isAlive ? !_controllers.Add(process) : !_controllers.Remove(process))
        {
            return;
        }

        // As many steps as nodes are attached, once in the life of a controller.
        foreach (var (node, attachment) in _attachments)
        {
            if (attachment.Controller == process)
            {
                NoteChanged(_changedNodes, node);
            }
        }
    }

    private void NoteObject(ObjectId id, Types.Stamp? before, Types.Stamp? after)
    {
        if (before is { } old && old.Node != after?.Node && _owners.TryGetValue(old.Node, out var former))
        {
            former.Objects.Remove(id);
            if (former.Objects.Count == 0)
            {
                _owners.Remove(old.Node);
                NoteChanged(_changedNodes, old.Node);
            }
        }

        if (after is { } stamp)
        {
            if (!_owners.TryGetValue(stamp.Node, out var owner))
            {
                _owners.Add(stamp.Node, owner = new Owner());
            }

            owner.Objects.Add(id);
            owner.Highest = stamp.Attachment > owner.Highest.Attachment ? (stamp.Attachment, "") : owner.Highest;
        }

        NoteChanged(_changedIds, id);
    }

    private void NoteChanged<T>(HashSet<T> changed, T what)
    {
        if (Wake is not null)
        {
            changed.Add(what);
        }
    }

    /// <summary>Who writes into the store beside us may write anything: what is no record counts as none.</summary>
    private static TMessage? TryParse<TMessage>(MessageParser<TMessage> parser, ByteString bytes)
        where TMessage : class, IMessage<TMessage>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>Who speaks for a node.</summary>
    /// <param name="Number">Number of the node's session.</param>
    /// <param name="Process">Its process.</param>
    /// <param name="Controller">The controller's process.</param>
    /// <param name="Path">Numbers of the sessions of the relays between, that next to the node first.</param>
    /// <param name="Revision">Revision of the record.</param>
    internal sealed record Attachment(long Number, string Process, string Controller, ImmutableArray<long> Path, long Revision)
    {
        /// <summary>This is of the named session of the node.</summary>
        public bool IsOf(NodeAttachment node) => Number == node.Attachment && Process == node.Process;
    }

    private sealed class Owner
    {
        public HashSet<ObjectId> Objects { get; } = [];

        /// <summary>Of the sessions that are known from stamps, and from records that have gone.</summary>
        public (long Attachment, string Process) Highest { get; set; } = (0, "");
    }
}
