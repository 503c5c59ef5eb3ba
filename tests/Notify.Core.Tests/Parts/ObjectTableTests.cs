using Google.Protobuf;
using Notify.Core.Journal;
using Notify.Core.Types;
using Notify.Testing.Tree;

namespace Notify.Core.Tests.Parts;

/// <summary>The persistent table: it does what a sorted dictionary does, and what was frozen never changes.</summary>
public sealed class ObjectTableTests
{
    [Theory]
    [InlineData(1, 50)]
    [InlineData(2, 300)]
    [InlineData(3, 5000)]
    [InlineData(4, 20_000)]
    public void RandomOperations_DoWhatASortedDictionaryDoes_AndOldRootsStay(int seed, int keys)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<ByteString, Envelope>(BytesOrder.Instance);
        var editor = ObjectTable.Empty.Edit();
        var frozen = new List<(ObjectTable Table, KeyValuePair<ByteString, Envelope>[] Content)>();
        for (var round = 0; round < 40; round++)
        {
            // Rounds that mostly add, mostly remove, and sweep whole ranges, so that nodes split, thin out and merge.
            var removes = round % 4;
            for (var i = 0; i < keys / 10; i++)
            {
                var key = Key(round % 5 == 4 ? keys / 3 + i : random.Next(keys));
                if (random.Next(4) < removes)
                {
                    Assert.Equal(model.GetValueOrDefault(key), editor.Remove(key));
                    model.Remove(key);
                }
                else
                {
                    var value = new Envelope(new ObjectId("t", key), ByteString.CopyFromUtf8($"{round}/{i}"));
                    Assert.Equal(model.GetValueOrDefault(key), editor.Set(key, value));
                    model[key] = value;
                }

                Assert.Equal(model.Count, editor.Count);
            }

            frozen.Add((editor.Freeze(), [.. model]));
            var from = Key(random.Next(keys));
            Assert.True(model.SkipWhile(row => BytesOrder.Instance.Compare(row.Key, from) < 0).SequenceEqual(frozen[^1].Table.From(from)));
        }

        foreach (var (table, content) in frozen)
        {
            Assert.Equal(content.Length, table.Count);
            Assert.True(content.SequenceEqual(table.From()), "A frozen table changed.");
            for (var i = 0; i < 20; i++)
            {
                var key = Key(random.Next(keys));
                Assert.Equal(Array.Find(content, row => row.Key.Equals(key)).Value, table.Find(key));
            }
        }
    }

    [Fact]
    public void Table_ThatWasEmptied_IsLikeANewOne()
    {
        var editor = ObjectTable.Empty.Edit();
        for (var i = 0; i < 1000; i++)
        {
            editor.Set(Key(i), TestTypes.Object("t", "x", "y"));
        }

        for (var i = 999; i >= 0; i--)
        {
            editor.Remove(Key(i));
        }

        var table = editor.Freeze();
        Assert.Equal(0, table.Count);
        Assert.Empty(table.From());
        Assert.Null(table.Find(Key(1)));
        Assert.Null(editor.Remove(Key(1)));
    }

    [Fact]
    public void TwoEditors_OfOneTable_DoNotDisturbEachOther()
    {
        var start = ObjectTable.Empty.Edit();
        for (var i = 0; i < 500; i++)
        {
            start.Set(Key(i), TestTypes.Object("t", "x", "start"));
        }

        var table = start.Freeze();
        var (first, second) = (table.Edit(), table.Edit());
        for (var i = 0; i < 500; i++)
        {
            first.Set(Key(i), TestTypes.Object("t", "x", "first"));
            second.Remove(Key(i));
        }

        Assert.All(table.From(), row => Assert.Equal("start", row.Value.Value.ToStringUtf8()));
        Assert.All(first.Freeze().From(), row => Assert.Equal("first", row.Value.Value.ToStringUtf8()));
        Assert.Equal((500, 500, 0), (table.Count, first.Count, second.Freeze().Count));
    }

    [Fact]
    public void ScopedRows_OfOneScope_LieTogether_WhateverTheKeys()
    {
        // One scope's key begins like another's, and object keys begin like scopes.
        var editor = new TypeEditor(TypeTables.Empty);
        string[] sites = ["a", "ab", "b"];
        foreach (var site in sites)
        {
            foreach (var name in new[] { "a", "b", "ab", "bb" })
            {
                editor.Replace(null, TestTypes.Object("t", site + name, site, site));
            }
        }

        var tables = editor.TryFreeze()!;
        Assert.All(sites, site => Assert.Equal(
            [site, site, site, site], tables.InScope(TestTypes.Key(site)).Select(one => one.Value.ToStringUtf8())));
        Assert.Empty(tables.InScope(TestTypes.Key("c")));
        Assert.Null(editor.TryFreeze());
    }

    private static ByteString Key(int i) => ByteString.CopyFromUtf8($"{i:000000}");
}
