using Microsoft.Extensions.Logging;
using Notify.Core.Types;

namespace Notify.Core.Sessions;

/// <summary>Writes a session's traffic to a log, with keys as people read them.</summary>
internal static partial class TrafficLog
{
    public static void Attach(LinkSession session, TypeTable types, ILogger logger) => session.Traffic += traffic =>
    {
        if (!logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        var key = (types.Find(traffic.Id.Type)?.ObjectType as CompiledObjectType)?.DecodeKey(traffic.Id.Key).ToString()
            ?? Convert.ToHexString(traffic.Id.Key.Span);
        var what = traffic.IsRemoval ? "removal" : "version";
        if (traffic.IsSent)
        {
            Log.Sent(logger, what, traffic.Revision, traffic.Id.Type, key, session.Peer);
        }
        else
        {
            Log.Received(logger, what, traffic.Revision, traffic.Id.Type, key, session.Peer);
        }
    };

    private static partial class Log
    {
        [LoggerMessage(3000, LogLevel.Information, "Sent {What} {Revision} of {Type} {Key} to {Peer}")]
        public static partial void Sent(ILogger logger, string what, long revision, string type, string key, string peer);

        [LoggerMessage(3001, LogLevel.Information, "Received {What} {Revision} of {Type} {Key} from {Peer}")]
        public static partial void Received(ILogger logger, string what, long revision, string type, string key, string peer);
    }
}
