using System.Diagnostics;
using Google.Protobuf;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Notify.Core.Sync;
using Notify.Core.Transport;
using Notify.Core.Types;

namespace Notify.Core.Sessions;

/// <summary>
/// One live connection between two nodes, without any I/O: frames and time go in, frames come out. The half that both directions share; see
/// <see cref="ClientSession"/> and <see cref="ServerSession"/> for how it begins.
/// </summary>
/// <remarks>
/// Not thread safe: one pump calls <see cref="Receive"/>, <see cref="TryWrite"/> and <see cref="Tick"/>, one at a time. Safe from any
/// thread are <see cref="RequestEnd"/>, <see cref="TrySend"/> and the wake, which only ask the pump to come.
/// </remarks>
internal abstract partial class LinkSession : IDisposable
{
    private readonly Queue<Frame> _control = new();
    private readonly Dictionary<uint, CacheType> _peerTypes = [];
    private ulong _received;
    private long _lastReceivedAt;
    private long _nextHeartbeatAt;
    private int _declared;
    private int _turn;
    private bool _isPeerAhead;
    private volatile SessionEnd? _requestedEnd;
    private volatile bool _isOpen;
    private SessionEnd? _endAfterControl;

    // Replaced whole, so that who shows the session to people can read it from any thread.
    private volatile BundleSender[] _senders = [];

    protected LinkSession(Mirror mirror, SessionSettings settings, MessageRouter router, Action wake, long nowMs)
    {
        (Mirror, Settings, Router, Wake) = (mirror, settings, router, wake);
        Output = new FrameBuffer(mirror.Node) { FrameBytesTarget = settings.Limits.FrameBytesTarget };
        (_lastReceivedAt, StartedAt, NowMs) = (nowMs, nowMs, nowMs);
    }

    /// <summary>Why the session ended, or null while it lives.</summary>
    public SessionEnd? End { get; private set; }

    /// <summary>The handshake is done.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Name of the other node, once it has said it.</summary>
    public string Peer { get; protected set; } = "";

    /// <summary>Role of the other node.</summary>
    public string PeerRole { get; protected set; } = "";

    /// <summary>Process of the other node.</summary>
    public string PeerProcess { get; protected set; } = "";

    public long StartedAt { get; }

    /// <summary>This side has said goodbye.</summary>
    public bool SaidGoodbye => _endAfterControl is { Code: GrpcStatusCode.Ok };

    /// <summary>Raised by the pump when the handshake is done.</summary>
    public event Action? Opened;

    /// <summary>
    /// Raised by the pump, once, when the peer has had more of the stored space than this node for a whole heartbeat interval: its revision,
    /// and the head here. The peer waits. A moment is usual with several controllers; longer, the store may have been taken back.
    /// </summary>
    public event Action<long, long>? PeerAhead;

    protected Mirror Mirror { get; }

    protected SessionSettings Settings { get; }

    protected SessionLimits Limits => Settings.Limits;

    protected MessageRouter Router { get; }

    protected Action Wake { get; }

    protected long NowMs { get; private set; }

    protected FrameBuffer Output { get; }

    protected BundleReceiver? StoredReceiver { get; set; }

    protected BundleReceiver? DynamicReceiver { get; set; }

    protected IReadOnlyList<BundleSender> Senders => _senders;

    protected Dictionary<uint, CacheType> PeerTypes => _peerTypes;

    /// <summary>The silence the peer tolerates; heartbeats come three times as often.</summary>
    protected long PeerSilenceMs { get; set; }

    /// <summary>When <see cref="Tick"/> is needed next.</summary>
    public long NextTickAt => !IsOpen
        ? Math.Min(StartedAt + Limits.HandshakeMs, NextOwnTickAt)
        : Math.Min(_nextHeartbeatAt, Math.Min(IsPaused ? long.MaxValue : _lastReceivedAt + Limits.SilenceMs, NextOwnTickAt));

    /// <summary>The pump leaves what comes where it is for now: another session may be about to take over. Safe from any thread.</summary>
    public virtual bool IsPaused => false;

    /// <summary>Another session has taken over: this one sends signs of life only, and takes nothing. Safe from any thread.</summary>
    public virtual bool IsRetired => false;

    /// <summary>When the child class needs a tick.</summary>
    protected abstract long NextOwnTickAt { get; }

    /// <summary>Takes one frame. What is wrong with it ends the session.</summary>
    public void Receive(ReadOnlySpan<byte> bytes, long nowMs)
    {
        NowMs = nowMs;
        if (End is not null)
        {
            return; // A late frame of an ended session changes nothing.
        }

        try
        {
            if (bytes.Length > Limits.FrameBytesMax)
            {
                throw new RefusedException(
                    GrpcStatusCode.ResourceExhausted, $"A frame has {bytes.Length} bytes; at most {Limits.FrameBytesMax} are taken.");
            }

            var frame = Frame.Parser.ParseFrom(bytes);
            if (frame.Number != _received + 1)
            {
                throw new FormatException($"Frame {_received + 1} was expected, frame {frame.Number} came.");
            }

            _received = frame.Number;
            _lastReceivedAt = nowMs;
            if (IsRetired)
            {
                HandleRetired(frame);
            }
            else if (IsOpen)
            {
                Handle(frame);
            }
            else if (frame.KindCase != Frame.KindOneofCase.None)
            {
                HandleHandshake(frame); // A kind that this version does not know is ignored here, too.
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            EndWith(GrpcStatusCode.InvalidArgument, "The frame is no link protocol message: " + e.Message);
        }
        catch (FormatException e)
        {
            // What the engine throws where it reads frames. Handlers and hooks of users do not run in here, or their failures are rejections.
            EndWith(GrpcStatusCode.InvalidArgument, e.Message);
        }
        catch (RefusedException e)
        {
            EndWith(e.Code, e.Message);
        }
        catch (TypeConflictException e)
        {
            EndWith(GrpcStatusCode.FailedPrecondition, e.Message);
        }
    }

    /// <summary>Writes the next frame, if there is one to send. The bytes are valid until the next call.</summary>
    public bool TryWrite(long nowMs, out ReadOnlyMemory<byte> frame)
    {
        NowMs = nowMs;
        frame = default;
        EndIfRequested();
        if (End is not null)
        {
            return false;
        }

        BeforeWrite();
        if (!TryWriteNext(Output))
        {
            Output.Release();
            return false;
        }

        frame = Output.Frame;
        return true;
    }

    /// <summary>Lets time pass: heartbeats fall due, silence and overdue handshakes end the session.</summary>
    public void Tick(long nowMs)
    {
        NowMs = nowMs;
        EndIfRequested();
        if (End is not null)
        {
            return;
        }

        if (!IsOpen && nowMs - StartedAt >= Limits.HandshakeMs)
        {
            EndWith(GrpcStatusCode.DeadlineExceeded, $"The handshake was not done within {Limits.HandshakeMs} ms.");
        }
        else if (IsOpen && !IsPaused && nowMs - _lastReceivedAt >= Limits.SilenceMs)
        {
            EndWith(GrpcStatusCode.DeadlineExceeded, $"Nothing was heard of {Peer} for {Limits.SilenceMs} ms.");
        }
        else
        {
            foreach (var sender in _senders)
            {
                sender.AbortIfStalled(nowMs, Limits.StallMs);
            }

            Router.Tick(nowMs);
            TickOwn();
        }
    }

    /// <summary>Ends the session at the pump's next visit. Safe from any thread.</summary>
    public void RequestEnd(GrpcStatusCode code, string reason)
    {
        _requestedEnd ??= new SessionEnd(code, reason);
        Wake();
    }

    /// <summary>The connection is gone: ends the session if it has not ended yet.</summary>
    public void Disconnected(SessionEnd end, long nowMs)
    {
        NowMs = nowMs;
        EndWith(end.Code, end.Reason);
    }

    /// <summary>Says goodbye, then ends. What the session carried is flushed at once.</summary>
    public void SayGoodbye(string reason)
    {
        SendControl(new Frame { Goodbye = new Goodbye { Reason = reason } });
        EndAfterControl(new SessionEnd(GrpcStatusCode.Ok, "Goodbye was said here."));
    }

    /// <summary>Ends the session once the peer was sent what is in the queue.</summary>
    protected void EndAfterControl(SessionEnd end) => _endAfterControl ??= end;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (End is null)
        {
            EndWith(GrpcStatusCode.Cancelled, "The session was given up.");
        }
    }

    protected abstract void HandleHandshake(Frame frame);

    /// <summary>Takes one declaration of the peer.</summary>
    protected abstract CacheType Learn(Types.TypeDeclaration declaration);

    /// <summary>Commits a bundle, or part of one. Returns the view to wait for before it counts as applied.</summary>
    protected abstract long Commit(IncomingBundle bundle);

    protected abstract void TickOwn();

    /// <summary>Turns what other threads asked for into frames.</summary>
    protected virtual void BeforeWrite()
    {
    }

    protected abstract void OnEnded(SessionEnd end);

    protected void EndWith(GrpcStatusCode code, string reason)
    {
        if (End is not null)
        {
            return;
        }

        End = new SessionEnd(code, reason);
        DropMessages();
        EndBarriers();
        foreach (var sender in _senders)
        {
            sender.Stop();
        }

        Mirror.ForgetHandledWake(Wake);
        Output.Dispose();
        OnEnded(End);
        Wake();
    }

    protected void Open(long peerSilenceMs)
    {
        Debug.Assert(!IsOpen, "A session opens once.");
        PeerSilenceMs = peerSilenceMs;
        _isOpen = true;
        _nextHeartbeatAt = NowMs + HeartbeatEveryMs;
        Opened?.Invoke();
    }

    /// <summary>The peer was not listened to until now, so its silence begins now. Safe from any thread.</summary>
    protected void NoteListening(long nowMs) => Volatile.Write(ref _lastReceivedAt, nowMs);

    /// <summary>Nothing is sent any more but messages that wait, and signs of life.</summary>
    protected void StopSending()
    {
        foreach (var sender in _senders)
        {
            sender.Stop();
        }

        _senders = [];
        Mirror.ForgetHandledWake(Wake);
    }

    protected void AddSender(BundleSender sender)
    {
        sender.Sending = NoteSent;
        _senders = [.. _senders, sender];
    }

    /// <summary>Queues a frame that goes before everything else. The queue is short: who does not read while it fills is given up.</summary>
    protected void SendControl(Frame frame)
    {
        if (_control.Count >= 1024)
        {
            EndWith(GrpcStatusCode.ResourceExhausted, "The peer does not read what it asked for.");
            return;
        }

        _control.Enqueue(frame);
        Wake();
    }

    /// <summary>Takes what the peer says of types. From above it counts; from below it must agree with what is known here.</summary>
    protected void LearnTypes(IEnumerable<Protocol.TypeDeclaration> declarations)
    {
        foreach (var declaration in declarations)
        {
            if (_peerTypes.Count >= 10_000)
            {
                throw new FormatException("More than 10000 types were declared.");
            }

            _peerTypes[declaration.Number] = Learn(WireTypes.FromWire(declaration));
        }
    }

    /// <summary>Types that the peer has yet to be told of, or that refer to more than it was told.</summary>
    private CacheType[] TakeNews()
    {
        var news = Mirror.Types.News;
        CacheType[] untold = [.. news.Skip(_declared).Distinct()];
        _declared = news.Length;
        return untold;
    }

    /// <summary>All types known now, for the handshake; later ones are declared as they come.</summary>
    protected IEnumerable<Protocol.TypeDeclaration> OwnTypes()
    {
        _declared = 0; // Who was told of a higher number says hello again.
        return TakeNews().Select(WireTypes.ToWire);
    }

    /// <summary>A peer that takes smaller frames than an object may need would be sent it again and again.</summary>
    protected void CheckPeerLimits(Protocol.Limits? limits)
    {
        var needed = Limits.ObjectBytesMax + 64 * 1024;
        if (limits is { FrameBytesMax: > 0 } && limits.FrameBytesMax < needed)
        {
            EndWith(
                GrpcStatusCode.FailedPrecondition,
                $"The peer takes frames of {limits.FrameBytesMax} bytes; objects here need {needed}. Raise its limit or lower the object limit here.");
        }
    }

    private void EndIfRequested()
    {
        if (_requestedEnd is { } requested)
        {
            EndWith(requested.Code, requested.Reason);
        }
    }
}
