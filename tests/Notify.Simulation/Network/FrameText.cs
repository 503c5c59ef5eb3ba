using Google.Protobuf;
using Notify.Core.Protocol;

namespace Notify.Simulation.Network;

/// <summary>Frames as short text, for traces that people read.</summary>
internal static class FrameText
{
    public static string Of(byte[] bytes)
    {
        try
        {
            return Of(Frame.Parser.ParseFrom(bytes));
        }
        catch (InvalidProtocolBufferException)
        {
            return $"damaged, {bytes.Length} bytes";
        }
    }

    private static string Of(Frame frame) => frame.KindCase switch
    {
        Frame.KindOneofCase.Hello => $"Hello {frame.Hello.Process} attachment={frame.Hello.Attachment} "
            + $"interest=[{string.Join(' ', frame.Hello.Interest.Select(Item))}] resume=[{string.Join(' ', frame.Hello.Resume.Select(Resume))}]",
        Frame.KindOneofCase.Welcome => $"Welcome {frame.Welcome.Process} notifyId={frame.Welcome.NotifyId} resume={frame.Welcome.ResumeRevision}",
        Frame.KindOneofCase.BundleBegin => $"Begin {frame.BundleBegin.Space.Kind} r{frame.BundleBegin.Revision} n={frame.BundleBegin.Changes} "
            + $"whole=[{string.Join(' ', frame.BundleBegin.Whole)}] interest={frame.BundleBegin.Interest}",
        Frame.KindOneofCase.BundleChanges => $"{frame.BundleChanges.Space} {string.Join(' ', frame.BundleChanges.Changes.Select(Change))}",
        Frame.KindOneofCase.BundleEnd => $"End {frame.BundleEnd.Space} r{frame.BundleEnd.Revision} "
            + string.Join(' ', frame.BundleEnd.Items.Select(item => $"{item.Number}:{item.Completeness}")),
        Frame.KindOneofCase.InterestChange => $"Interest {frame.InterestChange.Number} +[{string.Join(' ', frame.InterestChange.Add.Select(Item))}] "
            + $"-[{string.Join(' ', frame.InterestChange.Remove)}]",
        Frame.KindOneofCase.Declare => $"Declare {string.Join(' ', frame.Declare.Types_.Select(type => type.Name))}",
        _ => frame.ToString(),
    };

    private static string Item(InterestItem item) => item.Selector.KindCase switch
    {
        Selector.KindOneofCase.Scope => $"{item.Number}:{item.Type[2..]}@{Text(item.Selector.Scope.Key)}",
        Selector.KindOneofCase.Key => $"{item.Number}:{item.Type[2..]}/{Text(item.Selector.Key)}",
        var kind => $"{item.Number}:{item.Type[2..]}*{kind}",
    };

    private static string Resume(ResumePoint point) => $"{point.Space.Kind}/{point.Space.Incarnation[..Math.Min(6, point.Space.Incarnation.Length)]} r{point.Revision}:{string.Join('+', point.Items)}";

    private static string Change(Change change) =>
        $"{(change.Removed == RemovalReason.None ? "" : $"-{change.Removed} ")}{change.Type}/{Text(change.Key)} r{change.Revision}"
        + (change.Stamp is { } stamp ? $" by {stamp.Node}.{stamp.Attachment}.{stamp.Revision}" : "")
        + (change.Removed == RemovalReason.None ? $"={change.Value.ToStringUtf8()}" : "")
        + string.Concat(change.Scopes.Select(scope => "@" + Text(scope)))
        + string.Concat(change.References.Select(reference => $"->{reference.Type}/{Text(reference.Key)}"));

    private static string Text(ByteString key) => key.Length > 2 ? key.ToStringUtf8()[2..] : key.ToBase64();
}
