using Google.Protobuf;
using Notify.Core.Types;
using Notify.Storage.Etcd;

namespace Notify.Storage.Tests.Etcd;

public sealed class EtcdKeysTests
{
    private readonly EtcdKeys _keys = new("/notify/");

    [Fact]
    public void Key_OfAnyBytes_IsPrintableAndReadsBackAsTheSame()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var bytes = new byte[seed];
            new Random(seed).NextBytes(bytes);
            var id = new ObjectId("test.Thing", ByteString.CopyFrom(bytes));
            var key = _keys.Of(id);

            Assert.All(key, value => Assert.InRange(value, (byte)'!', (byte)'~'));
            Assert.Equal(id, _keys.ObjectOf(key));
        }
    }

    [Theory]
    [InlineData("test.Thing/a b")] // Not what we write for a blank.
    [InlineData("test.Thing/%61")] // a needs no escape,
    [InlineData("test.Thing/%0a")] // and digits are capitals:
    [InlineData("test.Thing/%0")] // one object, one key.
    [InlineData("test.Thing/%")]
    [InlineData("test.Thing/a/b")]
    [InlineData("test.Thing")]
    [InlineData("/a")]
    [InlineData("")]
    public void Key_ThatNothingIsWrittenTo_IsNoObject(string rest) => Assert.Null(_keys.ObjectOf(ByteString.CopyFromUtf8("/notify/objects/" + rest)));
}
