using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Backends.Upstream.Destinations;
using Samovar.Metering;
using Samovar.Routing;

namespace Samovar.Server.Affinity;

/// <summary>
/// Keeps affinity in a file of the data folder, behind the turns' backs: rows are gathered and written together. A file that is broken is
/// moved aside, one that cannot be used is left alone, and the server goes on with affinity in memory.
/// </summary>
internal sealed partial class AffinityJournal : BackgroundService, IAffinityJournal
{
    /// <summary>How long the end of the process waits for the last rows.</summary>
    public static readonly TimeSpan FlushMax = TimeSpan.FromSeconds(5);

    private const int Corrupt = 11;
    private const int NotADatabase = 26;
    private readonly Channel<AffinityRow> _rows;
    private readonly UpstreamOptions _options;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Counter<long> _counter;
    private readonly ILogger<AffinityJournal> _logger;
    private AffinityFile? _file;
    private bool _isWarned;

    public AffinityJournal(UpstreamOptions options, string path, TimeProvider time, IMeterFactory meters, ILogger<AffinityJournal> logger)
    {
        (_options, _path, _time, _logger) = (options, path, time, logger);
        _counter = meters.Create(UpstreamMetrics.MeterName).CreateCounter<long>(
            "samovar.upstream.affinity_rows", "{row}", "Affinity rows for the file, by outcome: written, dropped.",
            Labels.Are(Labels.Outcome));
        _rows = Channel.CreateBounded<AffinityRow>(
            new BoundedChannelOptions(options.AffinityQueueMax) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => Count(1, "dropped"));
    }

    public IReadOnlyList<AffinityRow> Read()
    {
        IReadOnlyList<AffinityRow> rows = [];
        if (File.Exists(_path)) Use(file => rows = file.Read(NotBefore, _options.AffinityEntriesMax));
        return rows;
    }

    public void Note(AffinityRow row) => _rows.Writer.TryWrite(row);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _rows.Writer.TryComplete(); // what waits is still written
        using var deadline = new CancellationTokenSource(FlushMax, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        await base.StopAsync(either.Token);
        if (ExecuteTask is { IsCompleted: false }) Log.Unwritten(_logger, FlushMax);
    }

    public override void Dispose()
    {
        base.Dispose();
        _file?.Dispose(); // read, but never run
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _rows.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await GatherAsync(stoppingToken);
            WriteAll();
        }
        _file?.Dispose();
        _file = null;
    }

    private async Task GatherAsync(CancellationToken nodeStopping)
    {
        try
        {
            await Task.Delay(_options.AffinityWriteDelay, _time, nodeStopping);
        }
        catch (OperationCanceledException)
        {
            // no more will come
        }
    }

    private void WriteAll()
    {
        var newest = new Dictionary<AffinityKey, AffinityRow>();
        for (var taken = 0; taken < _options.AffinityQueueMax && _rows.Reader.TryRead(out var row); taken++) newest[row.Key] = row;
        var isWritten = Use(file => file.Write(newest.Values.OrderBy(row => row.UsedAt), NotBefore, _options.AffinityEntriesMax));
        Count(newest.Count, isWritten ? "written" : "dropped");
    }

    /// <summary>Does something with the file; what goes wrong is told once, until it goes well again.</summary>
    private bool Use(Action<AffinityFile> use)
    {
        try
        {
            use(_file ??= AffinityFile.Open(_path));
            _isWarned = false;
            return true;
        }
        catch (Exception exception) when (exception is SqliteException or InvalidDataException or InvalidCastException or IOException
            or UnauthorizedAccessException or DllNotFoundException)
        {
            _file?.Dispose();
            _file = null;
            if (exception is InvalidDataException or InvalidCastException or SqliteException { SqliteErrorCode: Corrupt or NotADatabase })
                MoveAside(exception);
            else
                Warn(exception.Message);
            return false;
        }
    }

    /// <summary>What was in it is lost; the next rows begin a new one.</summary>
    private void MoveAside(Exception cause)
    {
        try
        {
            File.Move(_path, _path + ".broken", overwrite: true);
            File.Delete(_path + "-wal");
            File.Delete(_path + "-shm");
            Log.MovedAside(_logger, _path, cause.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Warn($"{cause.Message}, and it cannot be moved aside: {exception.Message}");
        }
    }

    private void Warn(string reason)
    {
        if (!_isWarned) Log.MemoryOnly(_logger, _path, reason);
        _isWarned = true;
    }

    private DateTimeOffset NotBefore => _time.GetUtcNow() - _options.AffinityTtl;

    private void Count(long rows, string outcome) => _counter.Add(rows, new KeyValuePair<string, object?>(Labels.Outcome, outcome));

    private static partial class Log
    {
        [LoggerMessage(8301, LogLevel.Warning,
            "Affinity lives in memory only and ends with this process: {Path} cannot be used: {Reason}")]
        public static partial void MemoryOnly(ILogger logger, string path, string reason);

        [LoggerMessage(8302, LogLevel.Warning, "Affinity begins anew: {Path} was broken ({Reason}) and is moved aside as *.broken")]
        public static partial void MovedAside(ILogger logger, string path, string reason);

        [LoggerMessage(8303, LogLevel.Warning, "The last affinity rows were not written within {FlushMax}")]
        public static partial void Unwritten(ILogger logger, TimeSpan flushMax);
    }
}
