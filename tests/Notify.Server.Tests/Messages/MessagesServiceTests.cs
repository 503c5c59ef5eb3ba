using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Notify.Client.Transport;
using Notify.Core.Caches;
using Notify.Core.Messages;
using Notify.Core.Protocol;
using Notify.Core.Transport;
using Notify.Core.Types;
using Notify.Edge;
using Notify.Server.Messages;
using Notify.Testing;

namespace Notify.Server.Tests.Messages;

public sealed class MessagesServiceTests
{
    private static readonly Any Exec = Any.Pack(new ExecRequest { Id = "1", Command = "help" });

    private readonly CancellationToken _deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
    private readonly Mirror _mirror = new(new TypeTable(), new MirrorOptions { Node = "here", DynamicSpace = new Core.Journal.Space("test", "1") });
    private readonly MessageRouter _router;

    public MessagesServiceTests() => _router = new(_mirror);

    [Fact]
    public async Task Send_ToANodeThatAnswers_BringsTheReply()
    {
        HandleExec(received => _router.Send(
            MessageTarget.ToNode(received.Source), new ExecReply { Output = $"ran {((ExecRequest)received.Payload).Command}" }, received));
        await using var node = await StartAsync();
        var response = await SendAsync(node, new SendMessageRequest { Node = "here", Payload = Exec });

        Assert.Equal("type.googleapis.com/edge.v1.ExecReply", response.Reply.TypeUrl);
        Assert.Equal("ran help", response.Reply.Unpack<ExecReply>().Output);
    }

    [Fact]
    public async Task Send_WithoutWaiting_ReturnsAtOnce()
    {
        var received = new TaskCompletionSource<ReceivedMessage>();
        HandleExec(received.SetResult);
        await using var node = await StartAsync();
        var response = await SendAsync(node, new SendMessageRequest { Node = "here", Payload = Exec, Timeout = new Duration() });

        Assert.Null(response.Reply);
        Assert.Equal("help", ((ExecRequest)(await received.Task.WaitAsync(_deadline)).Payload).Command);
    }

    [Fact]
    public async Task Send_ToANodeThatDoesNotAnswer_EndsInTime()
    {
        ReceivedMessage? late = null;
        HandleExec(received => late = received);
        await using var node = await StartAsync();
        var request = new SendMessageRequest { Node = "here", Payload = Exec, Timeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(50)) };
        await FailsAsync(GrpcStatusCode.DeadlineExceeded, "here did not answer within 0.05 s", node, request);

        // A reply that nobody waits for any more is dropped.
        Assert.False(_router.Send(MessageTarget.ToNode("here"), new ExecReply(), late));
    }

    [Fact]
    public async Task Send_ToWhoIsNotThere_IsNotFound()
    {
        await using var node = await StartAsync();
        await FailsAsync(GrpcStatusCode.NotFound, "No node there is connected to here", node, new() { Node = "there", Payload = Exec });
        await FailsAsync(
            GrpcStatusCode.FailedPrecondition, "here does not take messages of type edge.v1.ExecRequest", node, new() { Node = "here", Payload = Exec });
    }

    [Fact]
    public async Task Send_OfWhatIsWrong_NamesTheField()
    {
        await using var node = await StartAsync();
        await FailsAsync(GrpcStatusCode.InvalidArgument, "node: is empty", node, new() { Payload = Exec });
        await FailsAsync(GrpcStatusCode.InvalidArgument, "payload: is missing", node, new() { Node = "here" });
        await FailsAsync(
            GrpcStatusCode.InvalidArgument, "'edge.v1.App' is not a message type", node, new() { Node = "here", Payload = Any.Pack(new App()) });
        await FailsAsync(
            GrpcStatusCode.InvalidArgument, "payload: the bytes are no edge.v1.ExecRequest", node,
            new() { Node = "here", Payload = new Any { TypeUrl = Exec.TypeUrl, Value = ByteString.CopyFrom(0x0A, 0x7F) } });
        await FailsAsync(
            GrpcStatusCode.InvalidArgument, "timeout: must be", node,
            new() { Node = "here", Payload = Exec, Timeout = new Duration { Seconds = 3601 } });
    }

    [Fact]
    public async Task Send_AfterARevision_IsDeliveredWhenTheMirrorHasIt()
    {
        HandleExec(received => _router.Send(MessageTarget.ToNode(received.Source), new ExecReply { Output = $"{_mirror.Snapshot().StoredRevision}" }, received));
        await using var node = await StartAsync();
        await FailsAsync(
            GrpcStatusCode.FailedPrecondition, "after_revision: here has yet to hear from a store", node, new() { Node = "here", Payload = Exec, AfterRevision = 2 });
        await FailsAsync(GrpcStatusCode.InvalidArgument, "after_revision: must be", node, new() { Node = "here", Payload = Exec, AfterRevision = -1 });

        _mirror.LoadStore(new Core.Journal.Space("store", "1"), 1, []);
        var sending = SendAsync(node, new SendMessageRequest { Node = "here", Payload = Exec, AfterRevision = 2 });
        await Until.CountAsync("the message is held", () => _router.HeldCount, now => now == 1);
        _mirror.ApplyStoreCommit(2, [], []);
        Assert.Equal("2", (await sending).Reply.Unpack<ExecReply>().Output);
    }

    [Fact]
    public async Task Send_ToAScope_NeedsSomebodyThere()
    {
        await using var node = await StartAsync();
        var scope = new ScopeKey { Type = "edge.v1.CloudletKey", Key = new CloudletKey { Name = "zurich" }.ToByteString() };
        await FailsAsync(GrpcStatusCode.NotFound, "No node that is interested in the scope", node, new() { Scope = scope, Payload = Exec });
        await FailsAsync(GrpcStatusCode.InvalidArgument, "node: and scope are given", node, new() { Node = "here", Scope = scope, Payload = Exec });
        await FailsAsync(GrpcStatusCode.InvalidArgument, "scope.type: is empty", node, new() { Scope = new ScopeKey(), Payload = Exec });
    }

    private void HandleExec(Action<ReceivedMessage> handler) =>
        _router.Handle(EdgeTypes.Messages.Single(type => type.Name == "edge.v1.ExecRequest"), handler);

    private async Task<SendMessageResponse> SendAsync(WebApplication node, SendMessageRequest request)
    {
        using var client = new GrpcChannel(new Uri(node.Urls.Single()));
        return await client.UnaryAsync(MessagesMethods.Send, request, cancellationToken: _deadline);
    }

    private async Task FailsAsync(GrpcStatusCode code, string text, WebApplication node, SendMessageRequest request)
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(() => SendAsync(node, request));
        Assert.Equal(code, failure.Code);
        Assert.Contains(text, failure.Status.Detail, StringComparison.Ordinal);
    }

    private Task<WebApplication> StartAsync() =>
        GrpcHost.StartAsync(endpoints => endpoints.MapNotifyMessages(new MessagesService("here", _router, EdgeTypes.Messages, TimeProvider.System)));
}
