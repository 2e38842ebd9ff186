using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Protocol.Ids;
using Samovar.Server.Auth;
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
        var writing = new SseWriter(pipe.Writer, new ResponsesSse(), options, _time).WriteAsync(log, CancellationToken.None);
        Assert.Equal(1, _time.Armed); // the pipe is full, the patience runs
        _time.Advance(options.WriteTimeMax - TimeSpan.FromTicks(1));
        Assert.False(writing.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<SlowReaderException>(() => Soon.In(writing));
    }

    [Fact]
    public async Task ReaderThatWasGivenUp_IsNoErrorOfTheServer()
    {
        var logger = new LevelLogger();
        var keys = new KeyRing(new AuthOptions(), _time, NullLogger<KeyRing>.Instance);
        var guard = new PageGuard(keys, new AuthOptions(), isOpenToAll: true);
        var edge = new HttpEdge(_ => throw new SlowReaderException(TimeSpan.FromSeconds(1), new TimeoutException()), guard, new IdSource(),
            logger);
        var http = new DefaultHttpContext();
        await edge.InvokeAsync(http);
        Assert.Equal([LogLevel.Information], logger.Levels);
        Assert.Equal(StatusCodes.Status200OK, http.Response.StatusCode); // cut off, not answered
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
