using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Samovar.Tests.Hostile;

/// <summary>Keeps what a server logs with an exception, or as an error: bad input is worth neither.</summary>
internal sealed class FaultLog : ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Sink(categoryName, Lines);

    public void Dispose() { }

    private sealed class Sink(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (exception is not null || logLevel >= LogLevel.Error)
                lines.Enqueue($"{category}: {formatter(state, exception)} {exception}");
        }
    }
}
