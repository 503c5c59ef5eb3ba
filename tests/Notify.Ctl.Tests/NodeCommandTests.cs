using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Edge;
using Notify.Server.Transport;

namespace Notify.Ctl.Tests;

public sealed class NodeCommandTests
{
    private static readonly Timestamp Noon = Timestamp.FromDateTime(new DateTime(2025, 1, 31, 12, 0, 0, DateTimeKind.Utc));

    private static readonly NodeStatus Relay = new()
    {
        Name = "relay-1",
        Role = "relay",
        Version = "0.1.0",
        Started = Noon,
        Synced = true,
        Spaces =
        {
            new SpaceStatus { Space = new Space { Kind = SpaceKind.Stored }, Revision = 40, Head = 42, Floor = 7 },
            new SpaceStatus { Space = new Space { Kind = SpaceKind.Dynamic }, Revision = 5, Head = 5 },
        },
        Upstream = new UpstreamStatus { Peer = "ctrl", Address = "10.0.0.1:7000", State = UpstreamStatus.Types.State.Synced, Connected = Noon },
        Sessions =
        {
            new SessionStatus { Peer = "crm-b", Role = "crm", Address = "10.0.0.3:5", Connected = Noon },
            new SessionStatus { Peer = "crm-c", Role = "crm", Address = "10.0.0.4:5", Connected = Noon, Queued = 3 },
            new SessionStatus
            {
                Peer = "crm-a", Role = "crm", Address = "10.0.0.2:5", Connected = Noon, Synced = true,
                Applied = { new AppliedStatus { Kind = SpaceKind.Stored, Revision = 39, Lag = 1 } },
            },
        },
        Types_ = { new TypeStatus { Name = "edge.v1.Flavor", Space = SpaceKind.Stored, Objects = 3 } },
        Counters = new LinkCounters { Received = 11, Sent = 12 },
    };

    [Fact]
    public async Task Nodes_ShowsSelfAboveAndBelow()
    {
        await using var server = await StatusServerAsync();

        var run = await CtlRun.StartAsync("nodes", "--address", server.Urls.Single());

        var address = new Uri(server.Urls.Single()).Authority;
        var pad = new string(' ', address.Length);
        Assert.Equal(
            $"""
            NODE     ROLE   LINK   {"ADDRESS".PadRight(pad.Length)}  STATE       LAG  SINCE
            relay-1  relay  self   {address}  synced      2/0  2025-01-31T12:00:00Z
            ctrl     -      above  {"10.0.0.1:7000".PadRight(pad.Length)}  synced      -    2025-01-31T12:00:00Z
            crm-a    crm    below  {"10.0.0.2:5".PadRight(pad.Length)}  synced      1/0  2025-01-31T12:00:00Z
            crm-b    crm    below  {"10.0.0.3:5".PadRight(pad.Length)}  syncing     0/0  2025-01-31T12:00:00Z
            crm-c    crm    below  {"10.0.0.4:5".PadRight(pad.Length)}  queued (3)  0/0  2025-01-31T12:00:00Z

            """,
            run.Out);
    }

    [Fact]
    public async Task Nodes_AsJson_IsAnArrayOfThem()
    {
        await using var server = await StatusServerAsync();

        var run = await CtlRun.StartAsync("nodes", "--json", "--address", server.Urls.Single());

        var nodes = JsonNode.Parse(run.Out)!.AsArray();
        Assert.Equal(["relay-1", "ctrl", "crm-a", "crm-b", "crm-c"], nodes.Select(node => (string?)node!["name"]));
        Assert.Equal(1, (long)nodes[2]!["lag"]!["stored"]!);
    }

    [Fact]
    public async Task Status_ShowsSpacesTypesAndCounters()
    {
        await using var server = await StatusServerAsync();

        var run = await CtlRun.StartAsync("status", "--address", server.Urls.Single());

        Assert.Equal(
            """
            relay-1 (relay 0.1.0), synced
            above: ctrl at 10.0.0.1:7000
            below: 3 sessions

            SPACE    REVISION  HEAD  FLOOR
            stored   40        42    7
            dynamic  5         5     0

            TYPE    SPACE   OBJECTS
            Flavor  stored  3

            RECEIVED  REMOVED  RESENT  FLUSHED  FULL SYNCS  SENT  SESSIONS
            11        0        0       0        0           12    0

            """,
            run.Out);
    }

    [Fact]
    public async Task NodeThatWaitsForItsTurn_SaysHowFarItIsFromIt()
    {
        var waiting = Relay.Clone();
        (waiting.Upstream.State, waiting.Upstream.Queued) = (UpstreamStatus.Types.State.Syncing, 12);
        await using var server = await StatusServerAsync(waiting);

        var status = await CtlRun.StartAsync("status", "--address", server.Urls.Single());
        var nodes = await CtlRun.StartAsync("nodes", "--address", server.Urls.Single());

        Assert.Contains("above: ctrl at 10.0.0.1:7000; waits for its turn to be sent everything, 12 from it\n", status.Out, StringComparison.Ordinal);
        Assert.Contains("  queued (12)  ", nodes.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_AsJson_IsTheMessage()
    {
        await using var server = await StatusServerAsync();

        var run = await CtlRun.StartAsync("status", "--json", "--address", server.Urls.Single());

        Assert.Equal(Relay, NodeStatus.Parser.ParseJson(run.Out));
    }

    [Fact]
    public async Task Exec_SendsTheCommand_AndPrintsItsOutput()
    {
        SendMessageRequest? sent = null;
        await using var server = await MessageServerAsync(request =>
        {
            sent = request;
            return new ExecReply { Node = "crm-a", Output = "hello world" };
        });

        var run = await CtlRun.StartAsync("exec", "crm-a", "--app-inst", "acme/x", "--address", server.Urls.Single(), "--", "echo", "--loud", "hello");

        Assert.Equal((ExitCode.Ok, "hello world\n"), (run.Code, run.Out));
        Assert.Equal("crm-a", sent!.Node);
        var request = sent.Payload.Unpack<ExecRequest>();
        Assert.Equal(("echo", new AppInstKey { Organization = "acme", Name = "x" }), (request.Command, request.AppInstKey));
        Assert.Equal(["--loud", "hello"], request.Arguments);
        Assert.NotEmpty(request.Id);
    }

    [Fact]
    public async Task Exec_OfACommandThatFails_Is1_WithItsReason()
    {
        await using var server = await MessageServerAsync(_ => new ExecReply { Node = "crm-a", Output = "half\n", ExitCode = 7, Error = "no such command" });

        var run = await CtlRun.StartAsync("exec", "crm-a", "ech", "--address", server.Urls.Single());

        Assert.Equal((ExitCode.Failed, "half\n"), (run.Code, run.Out));
        Assert.Contains("'ech' failed at crm-a with exit code 7: no such command", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(GrpcStatusCode.NotFound, 3, "no node 'crm-x' is connected below")]
    [InlineData(GrpcStatusCode.DeadlineExceeded, 5, "no reply of crm-x within 10s; it may have got the request")]
    [InlineData(GrpcStatusCode.Unavailable, 5, "gone meanwhile")]
    public async Task Exec_WithoutAReply_EndsWithTheCodeForWhy(GrpcStatusCode status, int code, string expected)
    {
        await using var server = await MessageServerAsync(_ => throw new GrpcException(status, "gone meanwhile"));

        var run = await CtlRun.StartAsync("exec", "crm-x", "help", "--address", server.Urls.Single());

        Assert.Equal(code, (int)run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("There is no command 'count'; help lists them.", 1)]
    public async Task Debug_SendsTheCommand_AndPrintsItsOutputOrWhyNot(string error, int code)
    {
        SendMessageRequest? sent = null;
        await using var server = await MessageServerAsync(request =>
        {
            sent = request;
            return new DebugReply { Node = "top", Output = "received 1\n", Error = error };
        });

        var run = await CtlRun.StartAsync("debug", "top", "count", "--address", server.Urls.Single());

        Assert.Equal((code, "received 1\n"), ((int)run.Code, run.Out));
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
        Assert.Equal(("top", "count"), (sent!.Node, sent.Payload.Unpack<DebugRequest>().Command));
    }

    [Theory]
    [InlineData(false, "---\nnode: top\noutput: hello\n")]
    [InlineData(true, "{\n  \"node\": \"top\",\n  \"output\": \"hello\"\n}\n")]
    public async Task Request_SendsTheMessage_AndPrintsTheReply(bool asJson, string expected)
    {
        SendMessageRequest? sent = null;
        await using var server = await MessageServerAsync(request =>
        {
            sent = request;
            return new DebugReply { Node = "top", Output = "hello" };
        });

        var run = await CtlRun.StartAsync(
            ["request", "debugrequest", "{\"command\": \"count\"}", "--node", "top", "--after", "7", "--address", server.Urls.Single(), .. asJson ? ["--json"] : Array.Empty<string>()]);

        Assert.Equal((ExitCode.Ok, expected), (run.Code, run.Out));
        Assert.Equal(("top", 7, "count"), (sent!.Node, sent.AfterRevision, sent.Payload.Unpack<DebugRequest>().Command));
    }

    [Fact]
    public async Task Send_ToAScope_WaitsForNoReply()
    {
        SendMessageRequest? sent = null;
        await using var server = await MessageServerAsync(request =>
        {
            sent = request;
            return new DebugReply();
        });

        var run = await CtlRun.StartAsync("send", "DebugRequest", "--scope", "oper/zurich", "--after", "7", "--address", server.Urls.Single());

        Assert.Equal((ExitCode.Ok, "", "sent\n"), (run.Code, run.Out, run.Error));
        Assert.Equal(
            ("", 7, new CloudletKey { Organization = "oper", Name = "zurich" }.ToByteString(), new Duration()),
            (sent!.Node, sent.AfterRevision, sent.Scope.Key, sent.Timeout));
    }

    [Theory]
    [InlineData("there is no message type 'DebugReqest'; did you mean", "request", "DebugReqest", "--node", "top")]
    [InlineData("MESSAGE is no DebugRequest", "request", "DebugRequest", "{nothing", "--node", "top")]
    [InlineData("Option '--node' is required.", "request", "DebugRequest")]
    [InlineData("Give one of --node and --scope.", "send", "DebugRequest")]
    [InlineData("Give one of --node and --scope.", "send", "DebugRequest", "--node", "top", "--scope", "a/b")]
    [InlineData("'0' (--after) is no revision.", "send", "DebugRequest", "--node", "top", "--after", "0")]
    public async Task SendAndRequest_WithWrongArguments_SayWhatIsWrong(string expected, params string[] arguments)
    {
        var run = await CtlRun.StartAsync(arguments);

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private static Task<WebApplication> StatusServerAsync(NodeStatus? status = null) =>
        CtlNode.StartServerAsync(endpoints => endpoints.MapGrpcUnary(StatusMethods.Get, (_, _) => Task.FromResult(status ?? Relay)));

    private static Task<WebApplication> MessageServerAsync(Func<SendMessageRequest, IMessage> reply) => CtlNode.StartServerAsync(endpoints =>
        endpoints.MapGrpcUnary(MessagesMethods.Send, (request, _) => Task.FromResult(new SendMessageResponse { Reply = Any.Pack(reply(request)) })));
}
