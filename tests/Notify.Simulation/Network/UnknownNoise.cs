using Google.Protobuf;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Network;

/// <summary>
/// Makes one direction of a link that of a later protocol version: fields that nobody knows at the end of frames, and frames of unknown kinds
/// in between, so all frames get other numbers.
/// </summary>
internal sealed class UnknownNoise(World world)
{
    private const int UnknownField = 2000;
    private ulong _number;
    private ulong _seen;

    public IEnumerable<byte[]> Change(ReadOnlySpan<byte> frame)
    {
        var changed = new List<byte[]>();
        if (_seen++ > 0 && world.Random.Chance(10))
        {
            world.Fire(FaultKind.UnknownFields);
            changed.Add(Frame([]));
        }

        // After the number, up to ten bytes of varint.
        var body = 1;
        while (frame[body++] >= 0x80)
        {
        }

        changed.Add(Frame(frame[body..]));
        return changed;
    }

    private byte[] Frame(ReadOnlySpan<byte> body)
    {
        var head = Field(1, ++_number);
        return [.. head, .. body, .. Field(UnknownField, 7)];
    }

    private static byte[] Field(int number, ulong value)
    {
        var bytes = new byte[16];
        var output = new CodedOutputStream(bytes);
        output.WriteTag(number, WireFormat.WireType.Varint);
        output.WriteUInt64(value);
        return bytes[..^output.SpaceLeft];
    }
}
