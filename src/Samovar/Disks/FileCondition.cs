using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;

namespace Samovar.Disks;

/// <summary>
/// Whether one file can be written: warns once when it begins to fail, says once that it works again, and knows how long to leave it alone
/// meanwhile. For one writer; all threads may read it.
/// </summary>
/// <param name="name">What operators know the file by: <c>affinity</c>, <c>request_log</c>.</param>
internal sealed partial class FileCondition(string name, string path, DiskOptions options, ILogger logger)
{
    private volatile string? _trouble;
    private long _dropped;
    private bool _isLossSaid;

    public string Name { get; } = name;
    public string Path { get; } = path;
    public TimeSpan FlushTimeMax => options.FlushTimeMax;

    /// <summary>Why the newest write failed; null where it did not.</summary>
    public string? Trouble => _trouble;

    /// <summary>How long to wait before the next try.</summary>
    public TimeSpan RetryDelay { get; private set; }

    /// <summary>What found no room while it waited for the file, or was left when the server stopped.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Drop(int count) => Interlocked.Add(ref _dropped, count);

    public void Failed(string reason)
    {
        var longer = _trouble is null ? options.RetryDelayMin : 2 * RetryDelay;
        RetryDelay = longer < options.RetryDelayMax ? longer : options.RetryDelayMax;
        if (_trouble is null) Log.Failing(logger, Path, reason);
        _trouble = reason;
    }

    public void Worked()
    {
        if (_trouble is not null) Log.Working(logger, Path);
        _trouble = null;
    }

    /// <summary>The server stops and what waits for the file goes with it.</summary>
    public void Unwritten(int count)
    {
        if (count == 0) return;
        Drop(count);
        _isLossSaid = true;
        Log.Unwritten(logger, Path, count, Dropped);
    }

    /// <summary>The server stops and a write has not come back.</summary>
    public void Stuck() => Log.Stuck(logger, Path, DurationText.Of(options.FlushTimeMax), Dropped);

    /// <summary>The server stops and everything that waited is written: what found no room before is lost all the same.</summary>
    public void Ended()
    {
        if (Dropped > 0 && !_isLossSaid) Log.Lost(logger, Path, Dropped);
    }

    private static partial class Log
    {
        [LoggerMessage(8401, LogLevel.Warning, "{Path} cannot be written, the server goes on without and tries again: {Reason}")]
        public static partial void Failing(ILogger logger, string path, string reason);

        [LoggerMessage(8402, LogLevel.Information, "{Path} can be written again")]
        public static partial void Working(ILogger logger, string path);

        [LoggerMessage(8403, LogLevel.Warning, "{Path}: {Count} entries were still waiting and are lost with this process, {Lost} in all")]
        public static partial void Unwritten(ILogger logger, string path, int count, long lost);

        [LoggerMessage(8404, LogLevel.Warning, "{Path}: its last entries were not written within {FlushTimeMax}, {Lost} are lost already")]
        public static partial void Stuck(ILogger logger, string path, string flushTimeMax, long lost);

        [LoggerMessage(8405, LogLevel.Warning, "{Path}: {Lost} entries found no room while it could not be written, and are lost")]
        public static partial void Lost(ILogger logger, string path, long lost);
    }
}
