using System.Runtime.CompilerServices;
using Google.Protobuf;
using Notify.Core.Types;

namespace Notify.Core.Journal;

/// <summary>
/// A persistent sorted table from byte keys to envelopes: a B+ tree whose nodes are copied when a frozen table shares them. A frozen
/// table never changes, so readers need no lock; freezing costs nothing and each later change copies one path at most.
/// </summary>
/// <remarks>
/// Invariant: a node is changed in place only by the editor whose owner token it carries, and an editor gives its token up when
/// it freezes. So no node reachable from a frozen table is ever written again.
/// </remarks>
internal sealed class ObjectTable
{
    private const int Capacity = 64;

    private readonly Node? _root;

    private ObjectTable(Node? root, int count) => (_root, Count) = (root, count);

    public static ObjectTable Empty { get; } = new(null, 0);

    public int Count { get; }

    /// <summary>A table being changed by one thread.</summary>
    public Editor Edit() => new(this);

    public Envelope? Find(ByteString key)
    {
        var node = _root;
        if (node is null)
        {
            return null;
        }

        while (!node.IsLeaf)
        {
            node = node.Child(node.ChildIndex(key));
        }

        var index = node.Search(key);
        return index >= 0 ? node.Value(index) : null;
    }

    /// <summary>Envelopes with keys at or above <paramref name="from"/> in ascending key order; all when it is null.</summary>
    public IEnumerable<KeyValuePair<ByteString, Envelope>> From(ByteString? from = null)
    {
        if (_root is null)
        {
            yield break;
        }

        var path = new Stack<(Node Node, int Index)>();
        var node = _root;
        while (!node.IsLeaf)
        {
            var index = from is null ? 0 : node.ChildIndex(from);
            path.Push((node, index));
            node = node.Child(index);
        }

        var start = from is null ? 0 : node.Search(from);
        path.Push((node, start < 0 ? ~start : start));
        while (path.TryPop(out var at))
        {
            if (at.Node.IsLeaf)
            {
                for (var i = at.Index; i < at.Node.Count; i++)
                {
                    yield return new(at.Node.Keys[i], at.Node.Value(i));
                }
            }
            else if (at.Index + 1 < at.Node.Count)
            {
                path.Push((at.Node, at.Index + 1));
                for (node = at.Node.Child(at.Index + 1); !node.IsLeaf; node = node.Child(0))
                {
                    path.Push((node, 0));
                }

                path.Push((node, 0));
            }
        }
    }

    internal sealed class Editor(ObjectTable table)
    {
        private Node? _root = table._root;
        private object _owner = new();

        public int Count { get; private set; } = table.Count;

        public Envelope? Set(ByteString key, Envelope value)
        {
            _root ??= new Node(_owner, leaf: true);
            _root = Owned(_root);
            var (right, before) = Set(_root, key, value);
            if (right is not null)
            {
                var root = new Node(_owner, leaf: false);
                root.Insert(0, _root.Keys[0], _root);
                root.Insert(1, right.Keys[0], right);
                _root = root;
            }

            Count += before is null ? 1 : 0;
            return before;
        }

        public Envelope? Remove(ByteString key)
        {
            if (_root is null)
            {
                return null;
            }

            _root = Owned(_root);
            var before = Remove(_root, key);
            Count -= before is null ? 0 : 1;
            while (_root is { IsLeaf: false, Count: 1 })
            {
                _root = _root.Child(0);
            }

            if (_root.Count == 0)
            {
                _root = null;
            }

            return before;
        }

        /// <summary>Gives up ownership of every node, so that the returned table stays as it is.</summary>
        public ObjectTable Freeze()
        {
            _owner = new object();
            return new ObjectTable(_root, Count);
        }

        private Node Owned(Node node) => ReferenceEquals(node.Owner, _owner) ? node : node.Copy(_owner);

        private Node OwnedChild(Node node, int index)
        {
            var child = Owned(node.Child(index));
            node.Items[index] = child;
            return child;
        }

        private (Node? Right, Envelope? Before) Set(Node node, ByteString key, Envelope value)
        {
            if (node.IsLeaf)
            {
                var index = node.Search(key);
                if (index >= 0)
                {
                    var before = node.Value(index);
                    node.Items[index] = value;
                    return (null, before);
                }

                var half = node.Count == Capacity ? node.Split(_owner) : null;
                var into = half is not null && BytesOrder.Instance.Compare(key, half.Keys[0]) >= 0 ? half : node;
                into.Insert(~into.Search(key), key, value);
                return (half, null);
            }

            var at = node.ChildIndex(key);
            var child = OwnedChild(node, at);
            var (right, old) = Set(child, key, value);
            node.Keys[at] = child.Keys[0];
            if (right is null)
            {
                return (null, old);
            }

            var sibling = node.Count == Capacity ? node.Split(_owner) : null;
            var target = node;
            if (sibling is not null && at >= node.Count)
            {
                (target, at) = (sibling, at - node.Count);
            }

            target.Insert(at + 1, right.Keys[0], right);
            return (sibling, old);
        }

        private Envelope? Remove(Node node, ByteString key)
        {
            if (node.IsLeaf)
            {
                var index = node.Search(key);
                if (index < 0)
                {
                    return null;
                }

                var found = node.Value(index);
                node.RemoveAt(index);
                return found;
            }

            var at = node.ChildIndex(key);
            var child = OwnedChild(node, at);
            var before = Remove(child, key);
            if (child.Count == 0)
            {
                node.RemoveAt(at);
                return before;
            }

            node.Keys[at] = child.Keys[0];
            MergeSparse(node, at);
            return before;
        }

        /// <summary>Joins a sparse child with its right or left neighbour where both fit into three quarters of a node.</summary>
        private void MergeSparse(Node node, int at)
        {
            if (node.Child(at).Count >= Capacity / 4 || node.Count < 2)
            {
                return;
            }

            var left = at + 1 < node.Count ? at : at - 1;
            if (node.Child(left).Count + node.Child(left + 1).Count <= Capacity * 3 / 4)
            {
                OwnedChild(node, left).Append(node.Child(left + 1));
                node.RemoveAt(left + 1);
            }
        }
    }

    internal sealed class Node(object owner, bool leaf)
    {
        public object Owner { get; } = owner;

        public bool IsLeaf { get; } = leaf;

        public int Count { get; private set; }

        /// <summary>Of a leaf: the keys. Of an inner node: a lower bound of each child's keys.</summary>
        public ByteString[] Keys { get; } = new ByteString[Capacity];

        /// <summary>Of a leaf: envelopes. Of an inner node: nodes.</summary>
        public object[] Items { get; } = new object[Capacity];

        // The kind of a node decides what its items are, so the casts need no check.
        public Node Child(int index) => Unsafe.As<Node>(Items[index]);

        public Envelope Value(int index) => Unsafe.As<Envelope>(Items[index]);

        public int Search(ByteString key) => Array.BinarySearch(Keys, 0, Count, key, BytesOrder.Instance);

        /// <summary>The child whose range holds the key; the first one for keys below all.</summary>
        public int ChildIndex(ByteString key)
        {
            var index = Search(key);
            return index >= 0 ? index : Math.Max(0, ~index - 1);
        }

        public Node Copy(object newOwner)
        {
            var copy = new Node(newOwner, IsLeaf);
            copy.Append(this);
            return copy;
        }

        public void Append(Node other)
        {
            Array.Copy(other.Keys, 0, Keys, Count, other.Count);
            Array.Copy(other.Items, 0, Items, Count, other.Count);
            Count += other.Count;
        }

        public void Insert(int index, ByteString key, object item)
        {
            Array.Copy(Keys, index, Keys, index + 1, Count - index);
            Array.Copy(Items, index, Items, index + 1, Count - index);
            (Keys[index], Items[index]) = (key, item);
            Count++;
        }

        public void RemoveAt(int index)
        {
            Count--;
            Array.Copy(Keys, index + 1, Keys, index, Count - index);
            Array.Copy(Items, index + 1, Items, index, Count - index);
            (Keys[Count], Items[Count]) = (null!, null!); // Slots at and above Count are never read.
        }

        public Node Split(object newOwner)
        {
            var half = Count / 2;
            var right = new Node(newOwner, IsLeaf);
            Array.Copy(Keys, half, right.Keys, 0, Count - half);
            Array.Copy(Items, half, right.Items, 0, Count - half);
            right.Count = Count - half;
            Array.Clear(Keys, half, Count - half);
            Array.Clear(Items, half, Count - half);
            Count = half;
            return right;
        }
    }
}
