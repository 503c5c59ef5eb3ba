using Notify.Core.Protocol;
using Notify.Simulation.Network;

namespace Notify.Simulation.Checkers;

/// <summary>Judges what one link carries.</summary>
internal sealed class WireChecker(SimLink link)
{
    private uint _storedInterest;
    private uint _dynamicInterest;

    /// <summary>A session wrote a frame.</summary>
    public void OnSent(bool isDown, ReadOnlySpan<byte> bytes)
    {
        if (!isDown && FramePeek.Kind(bytes) == Frame.KindOneofCase.InterestChange)
        {
            link.Below.Process.Checker.OnInterestSent(Frame.Parser.ParseFrom(bytes).InterestChange.Number);
        }
    }

    /// <summary>A frame was delivered, and the receiver has dealt with it.</summary>
    public void OnDelivered(bool isDown, byte[] bytes)
    {
        if (!isDown)
        {
            return;
        }

        switch (FramePeek.Kind(bytes))
        {
            case Frame.KindOneofCase.BundleBegin:
                var begin = Frame.Parser.ParseFrom(bytes).BundleBegin;
                (begin.Space.Kind == SpaceKind.Stored ? ref _storedInterest : ref _dynamicInterest) = begin.Interest;
                break;
            case Frame.KindOneofCase.BundleEnd when link.Client.End is null:
                var isStored = Frame.Parser.ParseFrom(bytes).BundleEnd.Space == SpaceKind.Stored;
                link.Below.Process.Checker.OnBundle(isStored, isStored ? _storedInterest : _dynamicInterest);
                break;
            default:
                break;
        }
    }
}
