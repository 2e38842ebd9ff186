using System.Net.WebSockets;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Server.Auth;
using Samovar.Server.Draining;
using Samovar.Server.WebSockets;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Servers;

namespace Samovar.Tests.WebSockets;

public sealed class SocketConnectionTests : IDisposable
{
    private const int Frames = 2000;
    private readonly CoreHouse _house = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task ClientThatSendsManyFramesAtOnce_LeavesOthersTheirTurn()
    {
        using var client = new FloodingClient(Frames);
        var frames = new ClientFrames(client, messageBytesMax: 1000);
        using var socket = WebSocket.CreateFromStream(frames, new WebSocketCreationOptions { IsServer = true });
        await using var session = _house.Sessions.Open(TenantId.Local);
        var intake = new FrameIntake(new KeyRing(new AuthOptions(), _house.Time, NullLogger<KeyRing>.Instance), null, TenantId.Local,
            SessionHints.None, ProtocolLimits.Default, NullLogger.Instance);
        var clock = new SocketClock(_house.Time, TimeSpan.FromHours(1));
        using var life = new ServerLife();
        using var open = new OpenSockets(clock, life, NullLogger<OpenSockets>.Instance);
        var connection = new SocketConnection(socket, frames, session, intake, clock, new SocketOptions(), NullLogger.Instance);
        var oneThread = new TaskFactory(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        var (running, answeredBeforeOthers) = (Task.CompletedTask, Frames);
        var others = Task.CompletedTask;
        await oneThread.StartNew(() =>
        {
            others = oneThread.StartNew(() => answeredBeforeOthers = client.Answers, Soon.Token); // waits before the first frame is read
            running = connection.RunAsync(open);
        }, Soon.Token);
        await Soon.In(Task.WhenAll(others, running));
        Assert.InRange(answeredBeforeOthers, 1, Frames / 4);
        Assert.Equal(Frames, client.Answers);
    }

    /// <summary>Has sent everything before the server reads, and takes all that it is sent.</summary>
    private sealed class FloodingClient : MemoryStream
    {
        public FloodingClient(int count)
        {
            var frame = RawClient.Frame(0x81, "this is no JSON"u8.ToArray());
            for (var i = 0; i < count; i++) base.Write(frame);
            Position = 0;
        }

        public int Answers { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Span is [0x81, ..]) Answers++;
            return ValueTask.CompletedTask;
        }
    }
}
