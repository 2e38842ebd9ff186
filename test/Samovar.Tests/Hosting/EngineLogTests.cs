using Microsoft.Extensions.Logging;
using Samovar.Server.Hosting;
using Samovar.Testing;

namespace Samovar.Tests.Hosting;

/// <summary>libllama's words in the log, as lines and bounded.</summary>
public sealed class EngineLogTests
{
    private readonly ManualTime _time = new();
    private readonly Lines _lines = new();
    private readonly EngineLog _log;

    public EngineLogTests() => _log = new EngineLog(_time, _lines);

    [Fact]
    public void Lines_HaveTheLevelThatLibllamaGives()
    {
        _log.Take(3, "cache is small\n");
        _log.Take(4, "out of memory\n");
        _log.Take(2, "loaded\n");
        Assert.Equal(["Warning libllama: cache is small", "Warning libllama: out of memory", "Debug libllama: loaded"], _lines.All);
    }

    [Fact]
    public void Pieces_AreOneLine_AndNoLongerThanALineMayBe()
    {
        _log.Take(2, "loading ");
        for (var dot = 0; dot < 5000; dot++) _log.Take(5, ".");
        _log.Take(3, "done\n");
        Assert.Equal(2, _lines.All.Count);
        Assert.InRange(_lines.All[0].Length, 500, 1100);
    }

    [Fact]
    public void FloodOfWarnings_IsCounted_NotWritten()
    {
        for (var line = 0; line < 1000; line++) _log.Take(3, "again\n");
        Assert.Equal(60, _lines.All.Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        _log.Take(3, "once more\n");
        Assert.Equal(["Warning libllama: 940 more lines in the last minute", "Warning libllama: once more"], _lines.All.TakeLast(2));
    }

    private sealed class Lines : ILogger<EngineLog>
    {
        public List<string> All { get; } = [];
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add($"{logLevel} {formatter(state, exception)}");
    }
}
