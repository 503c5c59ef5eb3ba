using Microsoft.Extensions.Logging.Abstractions;
using Notify.Core.Caches;
using Notify.Core.Journal;
using Notify.Core.Messages;
using Notify.Core.Sessions;
using Notify.Core.Storage;
using Notify.Core.Types;
using Notify.Simulation.Checkers;
using Notify.Simulation.Network;
using Notify.Simulation.Plans;

namespace Notify.Simulation.Nodes;

/// <summary>One run of a node's program: mirror, router, policy, and at a controller hub and feed, as production wires them.</summary>
internal sealed partial class SimProcess
{
    private readonly World _world;
    private readonly UpstreamPolicy? _policy;
    private readonly CancellationTokenSource _stop = new();
    private long _slowUntilMs;
    private long _throwUntilMs;
    private long _lastSeenMs;
    private long _calmSinceMs;
    private StoreFeed? _feed;
    private int _slowMs;
    private int _lateHandlers;
    private bool _isLeaving;

    public SimProcess(World world, SimNode node, string id)
    {
        (_world, Node, Id) = (world, node, id);
        StartedAtMs = NowMs;
        var types = new TypeTable();
        foreach (var type in node.Plan.IsRelay ? [] : SimTypes.Declarations(node.Plan.Schema, world.HasShared))
        {
            types.Declare(type);
        }

        var faults = world.Faults;
        Mirror = new Mirror(types, new MirrorOptions
        {
            Node = node.Plan.Name,
            DynamicSpace = new Space(node.Plan.Name, id),
            HasDownstream = node.Plan.IsHub,
            IsRelay = node.Plan.IsRelay,
            Limits = new JournalLimits { TombstonesMax = faults.TombstonesMax, ScopeMarkersMax = faults.ScopeMarkersMax },
            Execute = Execute,
        });
        Router = new MessageRouter(Mirror);
        Settings = new SessionSettings
        {
            Process = id,
            Role = node.Plan.IsRelay ? "relay" : node.Plan.IsHub ? "controller" : "leaf",
            OfferedVersions = node.Plan.Versions,
            Moves = faults.Kinds.Contains(FaultKind.HubDrained) && node.Plan.Upstreams.Length > 1,
            Limits = new SessionLimits
            {
                HeartbeatMs = 1000,
                SilenceMs = 3000,
                HandshakeMs = 2000,
                BundleMs = 6000,
                StallMs = faults.StallMs,
                FrameBytesTarget = faults.FrameBytes,
                StagedBytesMax = faults.StagedBytesMax,
            },
        };
        Checker = new MirrorChecker(world, this);
        if (node.Plan.IsHub)
        {
            Hub = new Hub(
                Mirror,
                new HubOptions
                {
                    GraceMs = faults.GraceMs,
                    SettleMs = faults.SettleMs,
                    AbsentNodesMax = faults.AbsentNodesMax,
                    InterestLingerMs = faults.InterestLingerMs,
                    ResumeWaitMs = 1000,
                    FullSyncsMax = faults.FullSyncsMax,
                },
                NowMs);
            Router.Hub = Hub;
        }

        if (!node.Plan.Upstreams.IsEmpty)
        {
            var random = world.Random.Fork();
            _policy = new UpstreamPolicy(
                node.Plan.Name, node.Plan.Upstreams, new UpstreamPolicyOptions { BackoffMinMs = 100, BackoffMaxMs = 800 }, random.NextDouble);
        }
    }

    public SimNode Node { get; }

    public string Id { get; }

    /// <summary>When it started, by its own clock.</summary>
    public long StartedAtMs { get; }

    public Mirror Mirror { get; }

    public MessageRouter Router { get; }

    public SessionSettings Settings { get; }

    public Hub? Hub { get; }

    public MirrorChecker Checker { get; }

    public bool IsAlive { get; private set; } = true;

    /// <summary>How far this process's clock is ahead of the world's.</summary>
    public long ClockOffsetMs { get; private set; } = 1_000_000;

    public long NowMs => _world.NowMs + ClockOffsetMs;

    /// <summary>The link in use, or the last one.</summary>
    public SimLink? Link { get; private set; }

    public bool IsConnected => Link is { Client: { End: null, IsOpen: true } };

    /// <summary>What this process has published, as the model knows it: content, and the revision it got here.</summary>
    public Dictionary<ObjectId, (Envelope Object, long Revision)> Published { get; } = [];

    public void Start()
    {
        _world.Add(this);
        _calmSinceMs = _world.NowMs;
        _world.Trace.Note(_world.NowMs, $"{Id} starts");
        Checker.Subscribe();
        if (Node.Plan.IsController)
        {
            _feed = new StoreFeed(
                _world.Store.For(this), Mirror,
                new StoreFeedOptions { Horizon = _world.Faults.StoreHorizon, RetryDelay = TimeSpan.FromMilliseconds(300) },
                _world.Time, NullLogger<StoreFeed>.Instance);
            Feeding = _feed.RunAsync(_stop.Token);
        }

        if (Hub is not null)
        {
            TickHub();
        }

        if (_policy is not null)
        {
            SetInterest(Node.Interest);
            Connect();
        }
    }

    /// <summary>Of a controller, where there are shared types and the store was read: who publishes them.</summary>
    public SimPublisher? Publisher { get; private set; }

    /// <summary>By the world's clock: when it began to publish.</summary>
    public long PublishesSinceMs { get; private set; } = long.MaxValue;

    /// <summary>It has said goodbye.</summary>
    public bool IsLeaving => _isLeaving;

    /// <summary>By the world's clock: when a hub last had a session of this process, other than one that has just begun.</summary>
    public long LastSeenMs => _world.Links.Any(link => link is { Above.IsLive: true, Server.NotifyId: > 0 } && link.Below.Process == this && link.SteadySinceMs < _world.NowMs - SteadyMs)
        ? _world.NowMs
        : _lastSeenMs;

    private long SteadyMs => 100 + (2 * (_world.Faults.DelayMaxMs + _world.Faults.FlushMaxMs));

    /// <summary>By the world's clock: since when this process runs as it should.</summary>
    public long CalmSinceMs => Publisher is null or { LacksLease: true } ? _world.NowMs : Math.Max(_calmSinceMs, FrozenUntilMs);

    /// <summary>It did not run as it should until now.</summary>
    public void NoteDisturbed() => _calmSinceMs = _world.NowMs;

    /// <summary>A hub's session of this process has ended.</summary>
    public void NoteUnseen() => _lastSeenMs = _world.NowMs;

    /// <summary>Of a controller: its store feed.</summary>
    public Task Feeding { get; private set; } = Task.CompletedTask;

    public void SetInterest(InterestPlan interest)
    {
        Checker.OnInterest(interest);
        Mirror.SetInterest(interest.ToInterest());
        AfterVisit();
    }

    public void Publish(IEnumerable<ObjectPlan> changes)
    {
        var upserts = changes.Where(change => change.Value is not null).Select(change => change.ToEnvelope()).ToArray();
        var removals = changes.Where(change => change.Value is null).Select(change => change.Id).ToArray();
        Mirror.Publish(upserts, removals);
        foreach (var id in removals)
        {
            Published.Remove(id);
        }

        foreach (var upsert in upserts)
        {
            Checker.OnPublished(upsert.Id);
            Published[upsert.Id] = (upsert, Mirror.Snapshot().DynamicRevision);
            _world.Model.NotePublished(Node.Plan.Name, this, upsert);
        }

        AfterVisit();
    }

    public void Die(bool losesPower)
    {
        if (!IsAlive)
        {
            return;
        }

        _world.Trace.Note(_world.NowMs, $"{Id} dies{(losesPower ? " without a word" : "")}");
        IsAlive = false;
        _stop.Cancel();
        foreach (var link in _world.Links)
        {
            link.OnDeath(this, losesPower);
        }
    }

    /// <summary>Says goodbye, and is gone when that is done.</summary>
    public void Leave()
    {
        _isLeaving = true;
        Publisher?.Stop();
        if (IsConnected)
        {
            Link!.Client.SayGoodbye("The node stops.");
        }
        else
        {
            Die(losesPower: false);
        }
    }

    public void JumpClock(int byMs)
    {
        ClockOffsetMs += byMs;
        _calmSinceMs = _world.NowMs;
        foreach (var link in _world.Links)
        {
            (link.Below.Process == this ? link.Below : link.Above?.Process == this ? link.Above : null)?.OnClockJump();
        }
    }

    public void SlowHandlers(int slowMs, bool throws, int forMs)
    {
        _slowMs = slowMs;
        _slowUntilMs = slowMs > 0 ? _world.NowMs + forMs : _slowUntilMs;
        _throwUntilMs = throws ? _world.NowMs + forMs : _throwUntilMs;
    }

    /// <summary>The process does nothing for a while, and does not know.</summary>
    public void Freeze(int forMs) => FrozenUntilMs = _world.NowMs + forMs;

    /// <summary>By the world's clock.</summary>
    public long FrozenUntilMs { get; private set; }

    /// <summary>When to look again: it may be thawed before its time.</summary>
    public long ThawsInMs => Math.Min(FrozenUntilMs - _world.NowMs, 100);

    public bool IsFrozen => _world.NowMs < FrozenUntilMs;

    /// <summary>A handler may throw now.</summary>
    public bool HandlersThrow => _world.NowMs < _throwUntilMs;

    /// <summary>Handlers run as soon as there is something for them.</summary>
    public bool HandlersAreQuick => _lateHandlers == 0;

    public void HealHandlers() => (_slowUntilMs, _throwUntilMs) = (0, 0);

    public void OnSessionEnded(SimLink link, SessionEnd end)
    {
        if (link != Link)
        {
            OnOtherSessionEnded(link, end);
            return;
        }

        if (_isLeaving)
        {
            // What was written goes out before the process ends.
            _world.Schedule(1, () => Die(losesPower: false));
            return;
        }

        if (_newer is not null)
        {
            return; // Whether that is welcomed decides how it goes on.
        }

        _policy!.HasLeft();
        var openMs = link.OpenedAtMs is { } opened ? NowMs - opened : (long?)null;
        _world.Schedule(_policy.Ended(end, openMs, link.Client.RetryAfterMs), Connect);
    }

    public void AfterVisit() => Check();

    public void Check()
    {
        if (IsAlive)
        {
            Checker.Check();
        }
    }

    private void Connect()
    {
        if (IsFrozen)
        {
            _world.Schedule(FrozenUntilMs - _world.NowMs, Connect);
        }
        else if (IsAlive && !_isLeaving)
        {
            _world.Add(Link = new SimLink(_world, this, _world.Nodes[_policy!.Address]));
        }
    }

    private void TickHub()
    {
        if (IsAlive && !IsFrozen)
        {
            BoundsChecker.Check(_world, this);
            if (NowMs >= Hub!.NextTickAt)
            {
                Hub.Tick(NowMs);
                AfterVisit();
            }

            if (_world.HasShared && _feed?.Loaded.IsCompletedSuccessfully == true)
            {
                StartPublisher();
                Publisher!.Tick();
            }
        }

        if (IsAlive)
        {
            _world.Schedule(50, TickHub);
        }
    }

    private void StartPublisher()
    {
        if (Publisher is null)
        {
            NoteDisturbed();
            PublishesSinceMs = _world.NowMs;
            Publisher = new SimPublisher(_world, this, _world.Store.For(this), _stop.Token);
        }
    }

    private void Execute(Action work)
    {
        var delay = _world.NowMs < _slowUntilMs ? 1 + _world.Random.Next(_slowMs) : 0;
        if (delay > 0)
        {
            _world.Fire(FaultKind.SlowHandler);
            _lateHandlers++;
        }

        _world.Schedule(delay, () =>
        {
            if (IsAlive)
            {
                work();
            }

            _lateHandlers -= delay > 0 ? 1 : 0;
        });
    }
}
