using Notify.Core.Protocol;

namespace Notify.Simulation.Network;

/// <summary>Tells what kind a frame is without parsing it.</summary>
internal static class FramePeek
{
    public static Frame.KindOneofCase Kind(ReadOnlySpan<byte> frame)
    {
        // Field 1, the number, is written first; the kind's tag follows.
        var at = 0;
        if (frame.Length > 0 && frame[0] == 8)
        {
            at = 1;
            while (at < frame.Length && frame[at++] >= 0x80)
            {
            }
        }

        if (at >= frame.Length)
        {
            return Frame.KindOneofCase.None;
        }

        uint tag = 0;
        for (var shift = 0; at < frame.Length; shift += 7)
        {
            tag |= (uint)(frame[at] & 0x7F) << shift;
            if (frame[at++] < 0x80)
            {
                break;
            }
        }

        return (Frame.KindOneofCase)(tag >> 3);
    }
}
