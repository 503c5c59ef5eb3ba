using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Notify.Core.Types;
using Notify.Generator.Tests.Shop;

namespace Notify.Generator.Tests;

/// <summary>What generated types read off objects.</summary>
public sealed class EnvelopeTests
{
    private static readonly StoreKey Bern = new() { Chain = "acme", Town = "Bern" };
    private static readonly StoreKey Basel = new() { Chain = "acme", Town = "Basel" };

    [Fact]
    [Trait("Option", "obj_key")]
    [Trait("Option", "notify_cache")]
    public void Key_InAField_IsItsCanonicalBytes()
    {
        var envelope = ItemType.Instance.Describe(new Item { Key = new() { Name = "pen" }, PriceCents = 120 });

        Assert.Equal(new ObjectId("shop.v1.Item", ByteString.CopyFrom([0x0a, 3, (byte)'p', (byte)'e', (byte)'n'])), envelope.Id);
        Assert.Equal(new Item { Key = new() { Name = "pen" }, PriceCents = 120 }, Item.Parser.ParseFrom(envelope.Value));
        Assert.Empty(envelope.Scopes);
        Assert.Empty(envelope.References);
    }

    [Fact]
    public void Key_NotSet_NamesItsField()
    {
        var key = Assert.Throws<InvalidObjectException>(() => ItemType.Instance.Describe(new Item()));
        Assert.Equal(("shop.v1.Item", "key", "shop.v1.Item: field 'key' is not set; it is the key."), (key.ObjectType, key.Field, key.Message));

        var otherName = Assert.Throws<InvalidObjectException>(() => NamesInnerType.Instance.Describe(new Names.Types.Inner()));
        Assert.Equal("inner", otherName.Field);
    }

    [Fact]
    public void Key_Empty_NamesItsField()
    {
        var problem = Assert.Throws<InvalidObjectException>(() => NamesInnerType.Instance.Describe(new Names.Types.Inner { Inner_ = new() }));
        Assert.Equal("shop.v1.Names.Inner: field 'inner' is empty; set at least one of its fields.", problem.Message);
    }

    [Fact]
    [Trait("Option", "obj_and_key")]
    public void Key_OfObjAndKey_IsTheWholeObject()
    {
        var holiday = new Holiday { Country = "CH", Day = 801 };
        Assert.Equal(holiday, HolidayType.Instance.ParseKey(HolidayType.Instance.Describe(holiday).Id.Key));
        Assert.Equal(HolidayType.Instance.IdOf(holiday), HolidayType.Instance.Describe(holiday).Id);
    }

    [Fact]
    [Trait("Option", "singular_data")]
    public void Key_OfSingularData_IsEmpty()
    {
        Assert.Equal(new ObjectId("shop.v1.Prices", ByteString.Empty), PricesType.Instance.Describe(new Prices { Cents = { ["pen"] = 1 } }).Id);
        Assert.Equal(new Empty(), PricesType.Instance.KeyOf(new Prices()));
    }

    [Fact]
    [Trait("Option", "custom_key_type")]
    public void Key_OfCustomType_IsComputedByTheHook()
    {
        Assert.Equal(SecretType.Instance.IdOf(new SecretKey { Text = "a-b" }), SecretType.Instance.Describe(new Secret { Parts = { "a", "b" } }).Id);
        Assert.Equal("parts", Assert.Throws<InvalidObjectException>(() => SecretType.Instance.Describe(new Secret())).Field);
    }

    [Fact]
    public void Read_OfBytesThatAreNoMessage_SaysSo() =>
        Assert.StartsWith(
            "shop.v1.Item: the bytes are no shop.v1.Item: ",
            Assert.Throws<InvalidObjectException>(() => ItemType.Instance.Read(ByteString.CopyFrom([0xff]))).Message,
            StringComparison.Ordinal);

    [Fact]
    [Trait("Option", "notify_scope_key")]
    public void Scope_OfAKeyMessage_IsTheKeyOrInTheKey()
    {
        Assert.Equal(Scope(Bern), Assert.Single(StoreType.Instance.Describe(new Store { Key = Bern }).Scopes));
        Assert.Equal(Scope(Bern), Assert.Single(OrderType.Instance.Describe(new Order { Key = new() { Number = 1, Store = Bern } }).Scopes));
        Assert.Empty(OrderType.Instance.Describe(new Order { Key = new() { Number = 1 } }).Scopes);
    }

    [Fact]
    [Trait("Option", "notify_filter_cloudlet_key")]
    public void Scope_ByCloudletKey_IsInTheKeyBeforeTheValue()
    {
        var panel = new Panel { Key = new() { Cloudlet = new() { Name = "c1" }, Name = "p" }, WatchedBy = new() { Name = "c2" } };
        Assert.Equal(CloudletScope("c1"), Assert.Single(PanelType.Instance.Describe(panel).Scopes));

        var sensor = new Sensor { Key = new() { Name = "s" }, Mount = new() { Cloudlet = new() { Name = "c3" } } };
        Assert.Equal(CloudletScope("c3"), Assert.Single(SensorType.Instance.Describe(sensor).Scopes));
    }

    [Fact]
    [Trait("Option", "notify_scope")]
    public void Scopes_OfMarkedFields_AreAllOfThem()
    {
        var courier = new Courier { Key = new() { Name = "max" }, Serves = { Bern, Basel, Bern }, Home = new() { Store = Basel } };
        Assert.Equal(new[] { Scope(Basel), Scope(Bern) }.Order(), CourierType.Instance.Describe(courier).Scopes);
    }

    [Fact]
    public void Filtered_WithoutACloudletKey_HasNoScope()
    {
        Assert.True(LabelType.Instance.Declaration.Filtered);
        Assert.Null(LabelType.Instance.Declaration.ScopeType);
        Assert.False(ItemType.Instance.Declaration.Filtered);
    }

    [Fact]
    public void References_OfUnsetFields_AreNotThere() =>
        Assert.Equal(["shop.v1.Prices"], ReferencesOf(new Order { Key = new() { Number = 1 } }).Select(id => id.Type));

    [Fact]
    [Trait("Option", "refers_to")]
    public void References_ByKeyMessage_AreFoundWhereverItIs()
    {
        var order = new Order
        {
            Key = new() { Number = 1, Store = Bern },
            Lines = { new Line { Item = new() { Name = "in lines" } }, new Line { Item = new() } },
            Gifts = { ["anna"] = new() { Name = "in gifts" } },
            Print = new() { Lines = { new Line { Item = new() { Name = "in print" } } } },
            Deposit = new() { Item = new() { Name = "in deposit" } },
        };

        Assert.Equal(["in deposit", "in gifts", "in lines", "in print"], ItemsOf(order));
        Assert.Contains(StoreType.Instance.IdOf(Bern), ReferencesOf(order));
    }

    [Fact]
    public void References_ByOneField_MakeTheKey()
    {
        var order = new Order
        {
            Key = new() { Number = 1 },
            Items = { "in items", "" },
            Samples = { [7] = "in samples", [8] = "" },
            VoucherItem = "in voucher",
            ExtraItem = "extra",
            Lines = { new Line { Shelf = -3, Extras = { [1] = new() { Item = "in extras" } } } },
            Shelves = { 0, 4 },
        };

        Assert.Equal(["extra", "in extras", "in items", "in samples", "in voucher"], ItemsOf(order));
        Assert.Equal(new long[] { -3, 4 }, ReferencesOf(order).Where(id => id.Type == "shop.v1.Shelf").Select(id => ShelfType.Instance.ParseKey(id.Key).Number).Order());
    }

    [Fact]
    [Trait("Option", "ignore_refers_to")]
    public void References_Listed_AreIgnored()
    {
        var order = new Order { Key = new() { Number = 1 }, Holiday = new() { Country = "CH" }, Secret = new() { Text = "x" } };

        Assert.Equal(["shop.v1.Prices"], ReferencesOf(order).Select(id => id.Type));
        Assert.DoesNotContain("shop.v1.Holiday", OrderType.Instance.Declaration.RefersTo);
    }

    [Fact]
    [Trait("Option", "notify_reference")]
    public void Template_NeedsEverySource()
    {
        var order = new Order
        {
            Key = new() { Number = 1, Store = Bern },
            LabelText = "sale",
            Edition = 2,
            Print = new()
            {
                Picture = ByteString.CopyFromUtf8("png"),
                Color = Color.Red,
                Glossy = true,
                Layer = -1,
                Serial = 9,
                Batch = -4,
                Size = new() { Width = 2.5, Height = 1.5f },
            },
        };
        var label = new LabelKey
        {
            Text = "sale",
            Picture = ByteString.CopyFromUtf8("png"),
            Color = Color.Red,
            Glossy = true,
            Width = 2.5,
            Height = 1.5f,
            Layer = -1,
            Serial = 9,
            Batch = -4,
            Store = Bern,
            Edition = 2,
        };
        Assert.Contains(LabelType.Instance.IdOf(label), ReferencesOf(order));

        Action<Order>[] clears =
        [
            o => o.LabelText = "", o => o.Edition = 0, o => o.ClearEdition(), o => o.Key.Store = null, o => o.Print = null, o => o.Print.Size = null,
            o => o.Print.Picture = ByteString.Empty, o => o.Print.Color = 0, o => o.Print.Glossy = false, o => o.Print.Layer = 0,
            o => o.Print.Serial = 0, o => o.Print.Batch = 0, o => o.Print.Size.Width = 0, o => o.Print.Size.Height = 0,
        ];
        Assert.All(clears, clear =>
        {
            var less = order.Clone();
            clear(less);
            Assert.DoesNotContain("shop.v1.Label", ReferencesOf(less).Select(id => id.Type));
        });
    }

    [Fact]
    [Trait("Option", "notify_custom_update")]
    [Trait("Option", "notify_recv_hook")]
    public void Hooks_OfACourier_AreTheUsersCode()
    {
        CourierType type = CourierType.Instance;
        var before = type.Describe(new Courier { Key = new() { Name = "max" }, Latitude = 1 });
        var near = type.Describe(new Courier { Key = new() { Name = "max" }, Latitude = 1.05 });
        var far = type.Describe(new Courier { Key = new() { Name = "max" }, Latitude = 1.5 });
        Assert.False(type.IsUpdate(before, near));
        Assert.True(type.IsUpdate(before, far));

        type.OnReceived(far);
        Assert.Same(type.DecodeObject(far), Assert.Single(type.Received));
    }

    [Fact]
    [Trait("Option", "notify_dynamic")]
    [Trait("Option", "notify_shared")]
    [Trait("Option", "notify_flush")]
    [Trait("Option", "notify_max_bytes")]
    [Trait("Option", "notify_print_send_recv")]
    public void Declaration_OfEachKind_IsWhatTheOptionsSay()
    {
        Assert.Equal(
            (TypeKind.Dynamic, false, 4096, true),
            (CourierType.Instance.Declaration.Kind, CourierType.Instance.Declaration.Flush, CourierType.Instance.ObjectBytesMax, CourierType.Instance.LogsTraffic));
        Assert.Equal((TypeKind.Shared, true), (PanelType.Instance.Declaration.Kind, PanelType.Instance.Declaration.Flush));
        Assert.Equal(
            (TypeKind.Stored, null, false),
            (ItemType.Instance.Declaration.Kind, ItemType.Instance.ObjectBytesMax, ItemType.Instance.LogsTraffic));
    }

    [Fact]
    [Trait("Option", "notify_message")]
    public void Registration_ListsEachTypeAfterWhatItRefersTo()
    {
        Assert.Equal(12, ShopTypes.All.Count);
        var names = ShopTypes.All.Select(type => type.Name).ToList();
        Assert.All(ShopTypes.All, type => Assert.All(type.Declaration.RefersTo, target => Assert.True(names.IndexOf(target) < names.IndexOf(type.Name))));
        Assert.Equal(["shop.v1.Ping"], ShopTypes.Messages.Select(type => type.Name));
        Assert.Equal(new Ping { Text = "hi" }, ShopTypes.Messages[0].Parse(new Ping { Text = "hi" }.ToByteString()));
    }

    private static Scope Scope(StoreKey key) => new("shop.v1.StoreKey", key.ToByteString());

    private static Scope CloudletScope(string name) => new("shop.v1.CloudletKey", new CloudletKey { Name = name }.ToByteString());

    private static ImmutableArray<ObjectId> ReferencesOf(Order order) => OrderType.Instance.Describe(order).References;

    private static IEnumerable<string> ItemsOf(Order order) =>
        ReferencesOf(order).Where(id => id.Type == "shop.v1.Item").Select(id => ItemType.Instance.ParseKey(id.Key).Name).Order(StringComparer.Ordinal);
}
