using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;

namespace Samovar.Storage.Sql;

/// <summary>
/// Whether the store is there: says once that it went away, and once that it is back, and knows how long to leave it alone meanwhile. Safe
/// for all threads.
/// </summary>
internal sealed partial class StoreCondition(string name, StoreOptions options, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private volatile string? _trouble;
    private long _since;

    /// <summary>Why it is away; null while it is there.</summary>
    public string? Trouble => _trouble;

    /// <summary>For how long it has been away.</summary>
    public TimeSpan AwayFor { get { lock (_gate) return _trouble is null ? TimeSpan.Zero : time.GetElapsedTime(_since); } }

    /// <summary>How long to wait before the next try.</summary>
    public TimeSpan RetryDelay { get; private set; }

    public void Failed(Exception cause, bool isTry)
    {
        var reason = cause is OperationCanceledException ? $"no answer within {DurationText.Of(options.CommandTimeMax)}"
            : cause.InnerException is { } inner && !cause.Message.Contains(inner.Message, StringComparison.Ordinal)
            ? $"{cause.Message} {inner.Message}" : cause.Message;
        lock (_gate)
        {
            if (_trouble is null) RetryDelay = options.RetryDelayMin;
            else if (isTry) RetryDelay = 2 * RetryDelay < options.RetryDelayMax ? 2 * RetryDelay : options.RetryDelayMax;
            if (_trouble is null) _since = time.GetTimestamp();
            if (_trouble is null) Log.Away(logger, name, reason);
            _trouble = reason;
        }
    }

    public void Worked()
    {
        if (_trouble is null) return;
        lock (_gate)
        {
            if (_trouble is not null) Log.Back(logger, name);
            _trouble = null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1101, LogLevel.Error,
            "Stored responses cannot be read or written now, turns with store:true are refused until they can: {Name}: {Reason}")]
        public static partial void Away(ILogger logger, string name, string reason);

        [LoggerMessage(1102, LogLevel.Information, "Stored responses can be read and written again: {Name}")]
        public static partial void Back(ILogger logger, string name);
    }
}
