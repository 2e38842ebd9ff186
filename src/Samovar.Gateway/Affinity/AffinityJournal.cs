using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Samovar.Disks;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Metrics;
using Samovar.Metering;

namespace Samovar.Gateway.Affinity;

/// <summary>
/// Keeps affinity in a file of the data folder, behind the turns' backs: rows are gathered and written together. While the file cannot be
/// written they wait, bounded, and the server goes on with affinity in memory.
/// </summary>
/// <remarks>
/// A file that is broken is moved aside and a new one begun; one of another program or of a later version is left alone. Each try is a
/// unit of its own: whatever the disk does, the loop goes on, and so does the stop of the server.
/// </remarks>
internal sealed partial class AffinityJournal : FileLoop, IAffinityJournal
{
    private const int Corrupt = 11;
    private const int NotADatabase = 26;
    private readonly Channel<AffinityRow> _rows;
    private readonly Dictionary<AffinityKey, AffinityRow> _pending = []; // the newest of each key
    private readonly UpstreamOptions _options;
    private readonly Func<string, IAffinityFile> _open;
    private readonly Counter<long> _counter;
    private readonly ILogger<AffinityJournal> _logger;
    private IAffinityFile? _file;

    public AffinityJournal(UpstreamOptions options, FileCondition condition, Func<string, IAffinityFile> open, TimeProvider time,
        IMeterFactory meters, ILogger<AffinityJournal> logger)
        : base(condition, time)
    {
        (_options, _open, _logger) = (options, open, logger);
        _counter = meters.Create(UpstreamMetrics.MeterName).CreateCounter<long>(
            "samovar.upstream.affinity_rows", "{row}", "Affinity rows for the file, by outcome: written, dropped.",
            Labels.Are(Labels.Outcome));
        _rows = Channel.CreateBounded<AffinityRow>(
            new BoundedChannelOptions(options.AffinityQueueMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Drop(1));
    }

    public IReadOnlyList<AffinityRow> Read()
    {
        IReadOnlyList<AffinityRow> rows = [];
        if (File.Exists(Condition.Path)) Use(file => rows = file.Read(NotBefore, _options.AffinityEntriesMax));
        return rows;
    }

    public void Note(AffinityRow row)
    {
        if (!_rows.Writer.TryWrite(row)) Drop(1); // the server stops
    }

    protected override void EndInput() => _rows.Writer.TryComplete();

    protected override void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    protected override async Task RunAsync()
    {
        while (_pending.Count > 0 || await _rows.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await PauseAsync(Condition.Trouble is null ? _options.AffinityWriteDelay : Condition.RetryDelay);
            var isLastTry = IsLastTry;
            WriteAll();
            if (!isLastTry || _pending.Count == 0) continue;
            GiveUp();
            break;
        }
        Close();
    }

    private void WriteAll()
    {
        Gather();
        if (Use(Write) || Condition.Trouble is null && Use(Write)) // one that was moved aside: the new one gets them
        {
            Count(_pending.Count, "written");
            _pending.Clear();
        }
        else if (Condition.Trouble is null)
        {
            Condition.Failed("a new file is broken, too");
        }

        void Write(IAffinityFile file) =>
            file.Write(_pending.Values.OrderBy(row => row.UsedAt), NotBefore, _options.AffinityEntriesMax);
    }

    /// <summary>Takes what has come since; where it is too much, the longest unused names go.</summary>
    private void Gather()
    {
        for (var taken = 0; taken < _options.AffinityQueueMax && _rows.Reader.TryRead(out var row); taken++) _pending[row.Key] = row;
        var excess = _pending.Count - _options.AffinityQueueMax;
        if (excess <= 0) return;
        foreach (var row in _pending.Values.OrderBy(row => row.UsedAt).Take(excess).ToArray()) _pending.Remove(row.Key);
        Drop(excess);
    }

    private void GiveUp()
    {
        var left = _pending.Count;
        while (_rows.Reader.TryRead(out _)) left++;
        Count(left, "dropped");
        Condition.Unwritten(left);
    }

    /// <summary>Does something with the file. False where it went wrong: then the condition says why, or it was moved aside.</summary>
    private bool Use(Action<IAffinityFile> use)
    {
        try
        {
            use(_file ??= _open(Condition.Path));
            Condition.Worked();
            return true;
        }
        catch (Exception exception) // a unit of work
        {
            Close();
            if (exception is InvalidDataException or InvalidCastException or SqliteException { SqliteErrorCode: Corrupt or NotADatabase })
                MoveAside(exception);
            else
                Condition.Failed(exception.Message);
            return false;
        }
    }

    /// <summary>What was in it is lost; the next rows begin a new one.</summary>
    private void MoveAside(Exception cause)
    {
        try
        {
            File.Move(Condition.Path, Condition.Path + ".broken", overwrite: true);
            File.Delete(Condition.Path + "-wal");
            File.Delete(Condition.Path + "-shm");
            Log.MovedAside(_logger, Condition.Path, cause.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Condition.Failed($"{cause.Message}, and it cannot be moved aside: {exception.Message}");
        }
    }

    private DateTimeOffset NotBefore => Time.GetUtcNow() - _options.AffinityTtl;

    private void Drop(int rows)
    {
        Count(rows, "dropped");
        Condition.Drop(rows);
    }

    private void Count(long rows, string outcome) => _counter.Add(rows, new KeyValuePair<string, object?>(Labels.Outcome, outcome));

    private static partial class Log
    {
        [LoggerMessage(8304, LogLevel.Warning, "Affinity starts empty: {Path} was broken ({Reason}) and is moved aside as *.broken")]
        public static partial void MovedAside(ILogger logger, string path, string reason);
    }
}
