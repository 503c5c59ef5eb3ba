using System.Buffers;
using System.IO.Pipelines;
using Notify.Core.Transport;

namespace Notify.Transport.Tests;

public sealed class FramingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Reader_WithBytesInPiecesOfAnySize_GivesEachMessage(int pieceBytes)
    {
        var bytes = new ArrayBufferWriter<byte>();
        int[] lengths = [0, 1, 250, 0, 70_000, 5];
        foreach (var length in lengths)
            MessageFrame.Write(bytes, new byte[length], BytesCodec.Instance, 100_000);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, minimumSegmentSize: 16));
        var reader = new MessageFrameReader<ReadOnlyMemory<byte>>(pipe.Reader, BytesCodec.Instance, 100_000);

        var feeding = Task.Run(async () =>
        {
            for (var i = 0; i < bytes.WrittenCount; i += pieceBytes)
                await pipe.Writer.WriteAsync(bytes.WrittenMemory[i..Math.Min(i + pieceBytes, bytes.WrittenCount)]);
            await pipe.Writer.CompleteAsync();
        });
        var read = new List<int>();
        while (await reader.WaitToReadAsync(CancellationToken.None))
        {
            while (reader.TryRead(out var message))
                read.Add(message.Length);
        }
        await feeding;

        Assert.Equal(lengths, read);
        Assert.False(await reader.WaitToReadAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, GrpcStatusCode.Unimplemented, "compressed")]
    [InlineData(new byte[] { 2, 0, 0, 0, 0 }, GrpcStatusCode.Internal, "byte 2")]
    [InlineData(new byte[] { 0, 0, 0, 0, 101 }, GrpcStatusCode.ResourceExhausted, "101 bytes is above the limit of 100")]
    [InlineData(new byte[] { 0, 255, 255, 255, 255 }, GrpcStatusCode.ResourceExhausted, "4294967295 bytes")]
    [InlineData(new byte[] { 0, 0, 0, 0 }, GrpcStatusCode.Internal, "4 bytes into it")]
    [InlineData(new byte[] { 0, 0, 0, 0, 3, 1, 2 }, GrpcStatusCode.Internal, "7 bytes into it")]
    public async Task Reader_WithWrongBytes_FailsEachTimeWithAStatus(byte[] bytes, GrpcStatusCode code, string detail)
    {
        var reader = new MessageFrameReader<ReadOnlyMemory<byte>>(
            PipeReader.Create(new ReadOnlySequence<byte>(bytes)), BytesCodec.Instance, 100);

        for (var i = 0; i < 2; i++)
        {
            var e = await Assert.ThrowsAsync<GrpcException>(() => reader.WaitToReadAsync(CancellationToken.None).AsTask());
            Assert.Equal(code, e.Code);
            Assert.Contains(detail, e.Status.Detail, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Reader_WithBytesThatAreNoProtobufMessage_FailsWithInternal()
    {
        var bytes = new ArrayBufferWriter<byte>();
        MessageFrame.Write(bytes, new byte[] { 255, 255 }, BytesCodec.Instance, 100);
        var reader = new MessageFrameReader<Echo.EchoRequest>(
            PipeReader.Create(new ReadOnlySequence<byte>(bytes.WrittenMemory)), EchoMethods.Say.RequestCodec, 100);

        Assert.True(await reader.WaitToReadAsync(CancellationToken.None));
        var e = Assert.Throws<GrpcException>(() => reader.TryRead(out _));

        Assert.Equal(GrpcStatusCode.Internal, e.Code);
        Assert.Contains("EchoRequest", e.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OfAMessageAboveTheLimit_WritesNothing()
    {
        var bytes = new ArrayBufferWriter<byte>();

        var e = Assert.Throws<GrpcException>(() => MessageFrame.Write(bytes, new byte[11], BytesCodec.Instance, 10));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, e.Code);
        Assert.Equal(0, bytes.WrittenCount);
    }
}
