using System.Net.WebSockets;
using System.Text;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Server.WebSockets;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Turns;

namespace Samovar.Tests.WebSockets;

public sealed class FrameWriterTests : IDisposable
{
    private readonly WrittenStream _connection = new();
    private readonly EventLog _log = new(new ResponseId("resp_1"), new LogBounds(BytesMax: 1 << 20));
    private readonly LogReader _reader;

    public FrameWriterTests() => _reader = _log.Open();

    public void Dispose()
    {
        _reader.Dispose();
        _connection.Dispose();
    }

    [Fact]
    public async Task EventsThatCameAtOnce_GoOutTogether_AFrameEach()
    {
        for (var number = 0; number < 23; number++) Append(number, 200);
        Append(23, 200, isTerminal: true);
        Assert.True(await WriteAsync());
        Assert.Equal(24, Frames(Assert.Single(_connection.Writes)).Count);
    }

    [Fact]
    public async Task LargeEvents_AreNotCopied_AndTheOrderStays()
    {
        Append(0, 100);
        Append(1, 40_000);
        Assert.False(await WriteAsync());
        Append(2, 300, isTerminal: true);
        Assert.True(await WriteAsync());
        Assert.Equal([100, 40_000, 300], Frames([.. _connection.Writes.SelectMany(write => write)]));
        Assert.Equal([102, 40_004, 304], _connection.Writes.Select(write => write.Length));
    }

    [Fact]
    public async Task LongBurst_GoesOutInParts_SoThatOtherLanesHaveTheirTurn()
    {
        for (var number = 0; number < 100; number++) Append(number, 1000);
        Assert.False(await WriteAsync());
        Assert.InRange(_connection.Writes.Sum(write => write.Length), 16_000, 18_000);
    }

    [Fact]
    public async Task LongBurst_LeavesNoFrameBehind_ThoughALanesNameMakesFramesLonger()
    {
        for (var bytes = 150; bytes < 400; bytes++)
        {
            using var connection = new WrittenStream();
            var log = new EventLog(new ResponseId("resp_1"), new LogBounds(BytesMax: 1 << 20));
            using var reader = log.Open();
            var json = Encoding.UTF8.GetBytes($$"""{"a":"{{new string('a', bytes)}}"}""");
            for (var number = 0; number < 150; number++)
                Assert.True(log.TryAppend(new LoggedEvent(number, "e", json, IsTerminal: false), isMoreAtHand: true));
            Assert.False(await WriteAsync(connection, reader, log, new LaneId("side")));
            Assert.Equal(reader.Next, Frames([.. connection.Writes.SelectMany(write => write)]).Count);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("side")]
    public async Task EventThatTheLogKeepsItself_IsWrittenAsItWouldBeThere_AndCounted(string lane)
    {
        var delta = new ResponseEvent.OutputTextDelta("msg_1", 0, 0, "say \"hi\"", default);
        var json = EventWriter.Write(delta, 0, ResponseEventOptions.Default);
        var kept = new LoggedEvent(0, "response.output_text.delta", default, IsTerminal: false)
        {
            Event = delta, Options = ResponseEventOptions.Default,
        };
        Assert.True(_log.TryAppend(kept, isMoreAtHand: true));
        Assert.True(_log.TryAppend(new LoggedEvent(1, "e", """{"type":"end"}"""u8.ToArray(), IsTerminal: true), isMoreAtHand: true));
        var named = lane.Length == 0 ? LaneId.Default : new LaneId(lane);
        Assert.True(await WriteAsync(named));
        var expected = lane.Length == 0 ? json.ToArray() : EventSplice.WithStreamId(json, lane);
        Assert.Equal(expected, Assert.Single(_connection.Writes)[(expected.Length < 126 ? 2 : 4)..][..expected.Length]);
        Assert.Equal(expected.Length + """{"type":"end"}""".Length, _log.Bytes);
    }

    [Fact]
    public async Task LongFrame_IsCut_OnlyWhenTheClientTakesNothingOfIt()
    {
        var (time, options) = (new ManualTime(), new SocketOptions());
        using var connection = new SlowStream();
        Append(0, 300_000, isTerminal: true);
        var writing = WriteAsync(connection, _reader, _log, LaneId.Default, time);
        for (var taken = 0; taken < 3; taken++)
        {
            await Soon.In(time.WhenArmed(options.WriteTimeMax));
            await connection.TakeAsync();
            time.Advance(options.WriteTimeMax);
            Assert.False(writing.IsCompleted);
        }
        await Soon.In(time.WhenArmed(options.WriteTimeMax));
        time.Advance(options.WriteTimeMax);
        await Assert.ThrowsAsync<TimeoutException>(() => Soon.In(writing));
    }

    private Task<bool> WriteAsync() => WriteAsync(LaneId.Default);

    private Task<bool> WriteAsync(LaneId lane) => WriteAsync(_connection, _reader, _log, lane);

    private static async Task<bool> WriteAsync(Stream connection, LogReader reader, EventLog log, LaneId lane, TimeProvider? time = null)
    {
        var frames = new ClientFrames(connection, messageBytesMax: 1 << 20);
        using var socket = WebSocket.CreateFromStream(frames, new WebSocketCreationOptions { IsServer = true });
        return await new FrameWriter(socket, frames, new SocketOptions(), time ?? TimeProvider.System)
            .WriteAsync(reader, new LaneReply(lane, IsBare: false, Task.FromResult(log)), Soon.Token);
    }

    private void Append(int number, int bytes, bool isTerminal = false) => Assert.True(_log.TryAppend(
        new LoggedEvent(number, "e", Encoding.UTF8.GetBytes(new string('a', bytes)), isTerminal), isMoreAtHand: true));

    /// <summary>The payloads' lengths, whole frames only.</summary>
    private static List<int> Frames(byte[] written)
    {
        var lengths = new List<int>();
        for (var at = 0; at < written.Length;)
        {
            Assert.Equal(0x81, written[at]); // a whole text message
            var (length, head) = written[at + 1] switch
            {
                126 => ((written[at + 2] << 8) + written[at + 3], 4),
                127 => ((written[at + 7] << 16) + (written[at + 8] << 8) + written[at + 9], 10),
                var small => (small, 2),
            };
            lengths.Add(length);
            at += head + length;
        }
        return lengths;
    }

    /// <summary>Takes a piece when it is told to.</summary>
    private sealed class SlowStream : MemoryStream
    {
        private readonly SemaphoreSlim _mayTake = new(0), _waits = new(0);

        /// <summary>Takes what waits, and ends when the next waits.</summary>
        public async Task TakeAsync()
        {
            await _waits.WaitAsync(Soon.Token);
            _mayTake.Release();
            await _waits.WaitAsync(Soon.Token);
            _waits.Release();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _waits.Release();
            await _mayTake.WaitAsync(CancellationToken.None);
        }

        protected override void Dispose(bool disposing)
        {
            _mayTake.Dispose();
            _waits.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Keeps what was written, write by write.</summary>
    private sealed class WrittenStream : MemoryStream
    {
        public List<byte[]> Writes { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes.Add(buffer.ToArray());
            return ValueTask.CompletedTask;
        }
    }
}
