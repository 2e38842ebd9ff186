using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Server.Auth;
using Samovar.Server.Draining;
using Samovar.Server.Hosting;
using Samovar.Server.Http;
using Samovar.Testing;
using Samovar.Turns;

namespace Samovar.Tests.Http;

public sealed class SseWriterTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task ReaderThatTakesNothing_IsGivenUp_AfterItsTime()
    {
        var options = new HttpOptions();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 16, resumeWriterThreshold: 8));
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(1000));
        log.TryAppend(new LoggedEvent(0, "response.created", new byte[100], IsTerminal: false));
        var writing = Writer(pipe, options).WriteAsync(log, CancellationToken.None);
        Assert.Equal(1, _time.Armed); // the pipe is full, the patience runs
        _time.Advance(options.WriteTimeMax - TimeSpan.FromTicks(1));
        Assert.False(writing.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<SlowReaderException>(() => Soon.In(writing));
    }

    [Fact]
    public async Task ReaderThatTakesNoEnd_IsGivenUp_AfterItsTime()
    {
        var (options, never) = (new HttpOptions(), new TaskCompletionSource());
        var pipe = new Pipe();
        var writing = Writer(pipe, options, () => never.Task).WriteAsync(Ended(), CancellationToken.None);
        Assert.Equal(1, _time.Armed);
        _time.Advance(options.WriteTimeMax);
        await Assert.ThrowsAsync<SlowReaderException>(() => Soon.In(writing));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LongEvent_GoesOn_AsLongAsTheReaderTakesSomeOfIt(bool isLast)
    {
        var options = new HttpOptions();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 16, resumeWriterThreshold: 8));
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(1 << 20));
        log.TryAppend(new LoggedEvent(0, "a", new byte[4 * options.WriteBytesMax], isLast));
        var writing = Writer(pipe, options).WriteAsync(log, CancellationToken.None);
        for (var piece = 0; piece < 4; piece++)
        {
            await Soon.In(_time.WhenArmed(options.WriteTimeMax));
            _time.Advance(options.WriteTimeMax - TimeSpan.FromTicks(1));
            Assert.False(writing.IsCompleted);
            for (var taken = 0L; taken < options.WriteBytesMax;)
            {
                var read = await pipe.Reader.ReadAsync(Soon.Token);
                taken += read.Buffer.Length;
                pipe.Reader.AdvanceTo(read.Buffer.End);
            }
        }
        if (!isLast)
        {
            await Soon.In(_time.WhenArmed(options.WriteTimeMax)); // for what is left of it
            _time.Advance(options.WriteTimeMax);
            await Assert.ThrowsAsync<SlowReaderException>(() => Soon.In(writing));
            return;
        }
        await Soon.In(writing);
    }

    [Fact]
    public async Task LastEvents_GoOutWithTheBodysEnd_AndNotBefore()
    {
        var (pipe, unsent) = (new Pipe(), 0L);
        var end = () =>
        {
            unsent = pipe.Writer.UnflushedBytes;
            return pipe.Writer.CompleteAsync().AsTask();
        };
        await Writer(pipe, new HttpOptions(), end).WriteAsync(Ended(), CancellationToken.None);
        var body = (await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken)).Buffer;
        Assert.Equal(body.Length, unsent);
        Assert.EndsWith("data: {}\n\ndata: [DONE]\n\n", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_IsFilled_EachTimeItIsLong_AndOnlyThen()
    {
        var (pipe, options) = (new Pipe(), new HttpOptions());
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(1000));
        var writing = Writer(pipe, options).WriteAsync(log, CancellationToken.None);
        _time.Advance(options.KeepAliveInterval / 2);
        log.TryAppend(new LoggedEvent(0, "a", "{}"u8.ToArray(), IsTerminal: false));
        _time.Advance(options.KeepAliveInterval / 2);
        log.TryAppend(new LoggedEvent(1, "b", "{}"u8.ToArray(), IsTerminal: false));
        _time.Advance(options.KeepAliveInterval);
        _time.Advance(options.KeepAliveInterval);
        log.TryAppend(new LoggedEvent(2, "c", "{}"u8.ToArray(), IsTerminal: true));
        await Soon.In(writing);
        await pipe.Writer.FlushAsync(TestContext.Current.CancellationToken);
        var body = (await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken)).Buffer;
        const string silence = ": keep-alive\n\n";
        Assert.Equal("event: a\ndata: {}\n\nevent: b\ndata: {}\n\n" + silence + silence + "event: c\ndata: {}\n\ndata: [DONE]\n\n",
            Encoding.UTF8.GetString(body));
    }

    [Fact]
    public async Task EventsWithoutWords_EndNoSilence()
    {
        var (pipe, options) = (new Pipe(), new HttpOptions());
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(1000));
        var writing = new SseWriter(pipe.Writer, () => Task.CompletedTask, new MuteForm(), options, _time)
            .WriteAsync(log, CancellationToken.None);
        for (var i = 0; i < 4; i++)
        {
            log.TryAppend(new LoggedEvent(i, "a", "{}"u8.ToArray(), IsTerminal: false));
            _time.Advance(options.KeepAliveInterval / 2);
        }
        log.TryAppend(new LoggedEvent(4, "z", "{}"u8.ToArray(), IsTerminal: true));
        await Soon.In(writing);
        await pipe.Writer.FlushAsync(TestContext.Current.CancellationToken);
        var body = (await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken)).Buffer;
        Assert.Equal("..!", Encoding.UTF8.GetString(body));
    }

    [Fact]
    public async Task ReaderThatWasGivenUp_IsNoErrorOfTheServer()
    {
        var logger = new LevelLogger();
        var keys = new KeyRing(new AuthOptions(), _time, NullLogger<KeyRing>.Instance);
        var guard = new PageGuard(keys, new AuthOptions(), new OwnNames(isOpenToAll: true, []));
        using var life = new ServerLife();
        var edge = new HttpEdge(
            _ => throw new SlowReaderException(TimeSpan.FromSeconds(1), new TimeoutException()), guard, life, new IdSource(), logger);
        var http = new DefaultHttpContext();
        await edge.InvokeAsync(http);
        Assert.Equal([LogLevel.Information], logger.Levels);
        Assert.Equal(StatusCodes.Status200OK, http.Response.StatusCode); // cut off, not answered
    }

    private SseWriter Writer(Pipe pipe, HttpOptions options, Func<Task>? end = null) =>
        new(pipe.Writer, end ?? (() => Task.CompletedTask), new ResponsesSse(), options, _time);

    private static EventLog Ended()
    {
        var log = new EventLog(new ResponseId("resp_1"), new LogBounds(1000));
        log.TryAppend(new LoggedEvent(0, "response.created", new byte[100], IsTerminal: false));
        log.TryAppend(new LoggedEvent(1, "response.completed", "{}"u8.ToArray(), IsTerminal: true));
        return log;
    }

    /// <summary>A protocol that has no word for anything.</summary>
    private sealed class MuteForm : ISseForm
    {
        public ReadOnlyMemory<byte> End => "!"u8.ToArray();
        public ReadOnlyMemory<byte> Silence => "."u8.ToArray();
        public int Write(in LoggedEvent e, IBufferWriter<byte> body) => 0;
        public void WriteRefusal(ApiException error, IBufferWriter<byte> body) { }
    }

    private sealed class LevelLogger : ILogger<HttpEdge>
    {
        public List<LogLevel> Levels { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Levels.Add(logLevel);
    }
}
