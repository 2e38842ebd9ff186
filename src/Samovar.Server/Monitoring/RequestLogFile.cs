using System.Globalization;
using System.Threading.Channels;
using Samovar.Accounting;
using Samovar.Disks;

namespace Samovar.Server.Monitoring;

/// <summary>
/// Writes request records as JSON lines to a file that is renamed when it is full; a slow or full disk costs lines, never turns.
/// </summary>
/// <remarks>
/// The file is opened again for whatever waits, so it may be moved away at any time. While the disk refuses, lines wait for it, bounded;
/// each try is a unit of its own, so that the loop goes on whatever the disk does.
/// </remarks>
internal sealed class RequestLogFile : FileLoop, IRequestLog
{
    private const int BatchLinesMax = 1024;
    private const int WriteBytes = 64 << 10;
    private readonly Channel<byte[]> _lines;
    private readonly List<byte[]> _batch = new(BatchLinesMax);
    private readonly MonitoringOptions _options;
    private readonly RequestLogMetrics _metrics;
    private readonly Func<string, Stream> _open;

    public RequestLogFile(
        MonitoringOptions options, FileCondition condition, Func<string, Stream> open, RequestLogMetrics metrics, TimeProvider time)
        : base(condition, time)
    {
        (_options, _open, _metrics) = (options, open, metrics);
        _lines = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(options.RequestLogQueueMax) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => Drop());
    }

    public void Write(RequestRecord record) => _lines.Writer.TryWrite(RequestLogLine.Of(record, Time.GetUtcNow()));

    protected override void EndInput() => _lines.Writer.TryComplete();

    protected override void Close()
    {
        // it is open only while it is written
    }

    protected override async Task RunAsync()
    {
        while (_batch.Count > 0 || await _lines.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var isLastTry = IsLastTry;
            while (_batch.Count < BatchLinesMax && _lines.Reader.TryRead(out var line)) _batch.Add(line);
            await TryAppendAsync();
            if (Condition.Trouble is null) continue;
            if (isLastTry) break;
            await PauseAsync(Condition.RetryDelay);
        }
        GiveUp();
    }

    /// <summary>Appends lines until the file is full or all are in it.</summary>
    private async Task TryAppendAsync()
    {
        try
        {
            if (new FileInfo(Condition.Path) is { Exists: true } full && full.Length >= _options.RequestLogBytesMax) Rotate();
            await using (var file = _open(Condition.Path)) await AppendAsync(file);
            Condition.Worked();
        }
        catch (Exception exception) // a unit of work
        {
            Condition.Failed(exception.Message);
        }
    }

    private async Task AppendAsync(Stream file)
    {
        await LineFile.SeekToEndAsync(file);
        var together = new MemoryStream(WriteBytes);
        do
        {
            together.SetLength(0);
            var lines = 0;
            while (lines < _batch.Count && (lines == 0 || together.Length + _batch[lines].Length <= Room(file)))
                together.Write(_batch[lines++]);
            await LineFile.AppendAsync(file, together.GetBuffer().AsMemory(0, (int)together.Length));
            _batch.RemoveRange(0, lines);
            _metrics.CountWritten(lines);
        }
        while (_batch.Count > 0 && (!file.CanSeek || file.Position < _options.RequestLogBytesMax));
    }

    /// <summary>Bytes of the next write; the line that fills the file may stand out of it.</summary>
    private long Room(Stream file) =>
        file.CanSeek ? Math.Min(WriteBytes, _options.RequestLogBytesMax - file.Position) : WriteBytes;

    private void GiveUp()
    {
        var left = _batch.Count;
        while (_lines.Reader.TryRead(out _)) left++;
        if (left > 0) _metrics.CountLost(left);
        Condition.Unwritten(left);
    }

    private void Drop()
    {
        _metrics.CountDropped();
        Condition.Drop(1);
    }

    private void Rotate()
    {
        for (var number = _options.RequestLogFilesMax - 1; number >= 1; number--)
            if (File.Exists(Old(number))) File.Move(Old(number), Old(number + 1), overwrite: true);
        File.Move(Condition.Path, Old(1), overwrite: true);
    }

    private string Old(int number) => string.Create(CultureInfo.InvariantCulture, $"{Condition.Path}.{number}");
}
