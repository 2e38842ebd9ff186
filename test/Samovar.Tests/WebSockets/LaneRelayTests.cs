using System.Net.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Protocol.Ids;
using Samovar.Server.WebSockets;
using Samovar.Testing;

namespace Samovar.Tests.WebSockets;

public sealed class LaneRelayTests
{
    [Fact]
    public async Task ReplyThatComesWhileTheRelayEnds_IsWaitedFor_AndALaterOneIsNotWritten()
    {
        using var socket = WebSocket.CreateFromStream(Stream.Null, new WebSocketCreationOptions { IsServer = true });
        var writer = new FrameWriter(socket, new ClientFrames(Stream.Null, messageBytesMax: 1), new SocketOptions(), TimeProvider.System);
        using var relay = new LaneRelay(writer, 8, NullLogger.Instance);
        var (first, second, late) = (new WaitingReply("a"), new WaitingReply("b"), new WaitingReply("c"));
        await relay.AddAsync(first);
        var ended = relay.EndAsync();
        await relay.AddAsync(second);
        first.Gate.Open();
        await Soon.In(first.Written);
        Assert.False(ended.IsCompleted);
        second.Gate.Open();
        await Soon.In(ended);
        Assert.True(second.Written.IsCompleted);
        await relay.AddAsync(late);
        await relay.IdleAsync();
        Assert.False(late.Gate.Reached.IsCompleted);
    }

    private sealed record WaitingReply(string Name) : Reply(new LaneId(Name))
    {
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public PhaseGate Gate { get; } = new();
        public Task Written => _written.Task;

        public override async Task WriteToAsync(FrameWriter writer, CancellationToken socketEnds)
        {
            await Gate.PassAsync(socketEnds);
            _written.SetResult();
        }
    }
}
