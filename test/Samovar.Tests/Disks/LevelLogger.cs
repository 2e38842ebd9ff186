using Microsoft.Extensions.Logging;

namespace Samovar.Tests.Disks;

/// <summary>Counts what is logged, by level.</summary>
internal sealed class LevelLogger : ILogger
{
    private int _warnings, _informations;

    public int Warnings => Volatile.Read(ref _warnings);
    public int Informations => Volatile.Read(ref _informations);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel == LogLevel.Warning) Interlocked.Increment(ref _warnings);
        if (logLevel == LogLevel.Information) Interlocked.Increment(ref _informations);
    }
}
