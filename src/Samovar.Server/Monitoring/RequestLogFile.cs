using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Accounting;

namespace Samovar.Server.Monitoring;

/// <summary>
/// Writes request records as JSON lines to a file that is renamed when it is full; a slow or full disk costs lines, never turns.
/// </summary>
/// <remarks>
/// The file is opened anew for whatever waits, so it may be moved away at any time. While the disk refuses, lines are counted as lost, the
/// first refusal is told and so is the first line that goes through again.
/// </remarks>
internal sealed partial class RequestLogFile : BackgroundService, IRequestLog
{
    private const int BatchLinesMax = 1024;
    private static readonly byte[] LineEnd = [(byte)'\n'];
    private readonly Channel<byte[]> _lines;
    private readonly MonitoringOptions _options;
    private readonly RequestLogMetrics _metrics;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger<RequestLogFile> _logger;
    private bool _isBroken;

    public RequestLogFile(
        MonitoringOptions options, string path, RequestLogMetrics metrics, TimeProvider time, ILogger<RequestLogFile> logger)
    {
        (_options, _path, _metrics, _time, _logger) = (options, path, metrics, time, logger);
        _lines = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(options.RequestLogQueueMax) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => metrics.CountDropped());
    }

    public void Write(RequestRecord record) => _lines.Writer.TryWrite(RequestLogLine.Of(record, _time.GetUtcNow()));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _lines.Writer.TryComplete(); // what waits is still written
        if (ExecuteTask is { } running) await running.WaitAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<byte[]>(BatchLinesMax);
        while (await _lines.Reader.WaitToReadAsync(CancellationToken.None))
        {
            batch.Clear();
            while (batch.Count < BatchLinesMax && _lines.Reader.TryRead(out var line)) batch.Add(line);
            for (var from = 0; from < batch.Count;) from += await AppendAsync(batch, from);
        }
    }

    /// <summary>Appends lines until the file is full or all are in it.</summary>
    /// <returns>Lines that are dealt with.</returns>
    private async Task<int> AppendAsync(List<byte[]> batch, int from)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            if (new FileInfo(_path) is { Exists: true } full && full.Length >= _options.RequestLogBytesMax) Rotate();
            var lines = await WriteAsync(batch, from);
            _metrics.CountWritten(lines);
            if (_isBroken) Log.Mended(_logger, _path);
            _isBroken = false;
            return lines;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            if (!_isBroken) Log.Broken(_logger, _path, exception);
            _isBroken = true;
            _metrics.CountLost(batch.Count - from);
            return batch.Count - from;
        }
    }

    private async Task<int> WriteAsync(List<byte[]> batch, int from)
    {
        await using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        if (_isBroken && file.Position > 0) await file.WriteAsync(LineEnd); // the last line may be torn
        var at = from;
        while (at < batch.Count && (at == from || file.Position < _options.RequestLogBytesMax))
        {
            await file.WriteAsync(batch[at++]);
            await file.WriteAsync(LineEnd);
        }
        await file.FlushAsync();
        return at - from;
    }

    private void Rotate()
    {
        for (var number = _options.RequestLogFilesMax - 1; number >= 1; number--)
            if (File.Exists(Old(number))) File.Move(Old(number), Old(number + 1), overwrite: true);
        File.Move(_path, Old(1), overwrite: true);
    }

    private string Old(int number) => string.Create(CultureInfo.InvariantCulture, $"{_path}.{number}");

    private static partial class Log
    {
        [LoggerMessage(8211, LogLevel.Warning, "The request log {Path} cannot be written; its lines are lost until it can")]
        public static partial void Broken(ILogger logger, string path, Exception exception);

        [LoggerMessage(8212, LogLevel.Information, "The request log {Path} can be written again")]
        public static partial void Mended(ILogger logger, string path);
    }
}
