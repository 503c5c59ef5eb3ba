using Notify.Core.Sessions;
using Notify.Core.Transport;

namespace Notify.Testing.Tree;

/// <summary>
/// One connection between two nodes' sessions: frames lie in two queues until the tree moves them. Each direction can be held, and the
/// whole can be cut, as a network would.
/// </summary>
internal sealed class SimulatedLink
{
    private readonly Queue<byte[]> _down = new();
    private readonly Queue<byte[]> _up = new();

    // A pump visits a session when it was woken, has received or a tick is due, and never else: a wake that is missed shows here.
    private bool _serverIsDue = true;
    private bool _clientIsDue = true;

    public SimulatedLink(SimulatedNode below, SimulatedNode above, long nowMs, ClientSession? older = null)
    {
        (Below, Above) = (below, above);
        Server = new ServerSession(above.Mirror, above.Hub!, above.Settings, above.Router, below.Name, () => _serverIsDue = true, nowMs);
        Client = new ClientSession(below.Mirror, below.Settings, below.Router, () => _clientIsDue = true, nowMs, older);
    }

    public SimulatedNode Below { get; }

    public SimulatedNode Above { get; }

    public ClientSession Client { get; }

    public ServerSession Server { get; }

    /// <summary>Frames stay in the queue of this direction.</summary>
    public bool DownHeld { get; set; }

    public bool UpHeld { get; set; }

    /// <summary>The side does not take frames out, so the other side cannot write once the window is full.</summary>
    public int WindowFrames { get; set; } = 4;

    /// <summary>How the client's session ended; null while it lives.</summary>
    public SessionEnd? ClientEnd => Client.End;

    /// <summary>Neither session lives: nothing will ever move here again.</summary>
    public bool IsOver => Client.End is not null && Server.End is not null;

    public long DeliveredFrames { get; private set; }

    /// <summary>Every frame that was delivered, for tests of what went over the wire.</summary>
    public List<(bool IsDown, Core.Protocol.Frame Frame)> Log { get; } = [];

    /// <summary>The connection breaks: what is on its way is lost, and both sides notice.</summary>
    public void Cut(long nowMs)
    {
        CutBelow(nowMs);
        CutAbove(nowMs);
    }

    /// <summary>The lower side notices that the connection broke.</summary>
    public void CutBelow(long nowMs)
    {
        _down.Clear();
        Client.Disconnected(new SessionEnd(GrpcStatusCode.Unavailable, "cut"), nowMs);
    }

    /// <summary>The upper side notices that the connection broke.</summary>
    public void CutAbove(long nowMs)
    {
        _up.Clear();
        Server.Disconnected(new SessionEnd(GrpcStatusCode.Unavailable, "cut"), nowMs);
    }

    /// <summary>Moves one frame, if any can move. Down first: it is where most frames go.</summary>
    public bool Step(long nowMs)
    {
        // An ended session closes the stream: the other side gets what was written, then sees the end.
        if (Server.End is { } serverEnd && Client.End is null && _down.Count == 0 && !DownHeld)
        {
            Client.Disconnected(serverEnd, nowMs);
            return true;
        }

        if (Client.End is { } clientEnd && Server.End is null && _up.Count == 0 && !UpHeld)
        {
            Server.Disconnected(clientEnd.Code == GrpcStatusCode.Ok ? clientEnd : new SessionEnd(GrpcStatusCode.Unavailable, "closed"), nowMs);
            return true;
        }

        return Deliver(_down, DownHeld, isDown: true, nowMs)
            || Deliver(_up, UpHeld, isDown: false, nowMs)
            || Write(Server, _down, ref _serverIsDue, nowMs)
            || Write(Client, _up, ref _clientIsDue, nowMs);
    }

    public void Tick(long nowMs)
    {
        Client.Tick(nowMs);
        Server.Tick(nowMs);
        (_clientIsDue, _serverIsDue) = (true, true);
    }

    private bool Deliver(Queue<byte[]> queue, bool held, bool isDown, long nowMs)
    {
        LinkSession session = isDown ? Client : Server;
        if (held || session.End is not null || session.IsPaused || !queue.TryDequeue(out var bytes))
        {
            return false;
        }

        DeliveredFrames++;
        Log.Add((isDown, Core.Protocol.Frame.Parser.ParseFrom(bytes)));
        session.Receive(bytes, nowMs);
        (isDown ? ref _clientIsDue : ref _serverIsDue) = true;
        return true;
    }

    private bool Write(LinkSession session, Queue<byte[]> queue, ref bool isDue, long nowMs)
    {
        if (!isDue || queue.Count >= WindowFrames)
        {
            return false;
        }

        isDue = false;
        if (!session.TryWrite(nowMs, out var frame))
        {
            return session.End is not null; // It had nothing left to say, and ended.
        }

        isDue = true;
        queue.Enqueue(frame.ToArray());
        return true;
    }
}
