using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Accounting;

namespace Samovar.Server.Monitoring;

/// <summary>
/// Writes request records as JSON lines to a file that is renamed when it is full; a slow or full disk costs lines, never turns.
/// </summary>
internal sealed partial class RequestLogFile : BackgroundService, IRequestLog
{
    private static readonly byte[] LineEnd = [(byte)'\n'];
    private readonly Channel<byte[]> _lines;
    private readonly MonitoringOptions _options;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger<RequestLogFile> _logger;
    private long _dropped;

    public RequestLogFile(MonitoringOptions options, string path, TimeProvider time, ILogger<RequestLogFile> logger)
    {
        (_options, _path, _time, _logger) = (options, path, time, logger);
        _lines = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(options.RequestLogQueueMax) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true },
            _ => Interlocked.Increment(ref _dropped));
    }

    /// <summary>Lines that found no room.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Write(RequestRecord record) => _lines.Writer.TryWrite(RequestLogLine.Of(record, _time.GetUtcNow()));

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _lines.Writer.TryComplete(); // what waits is still written
        if (ExecuteTask is { } running) await running.WaitAsync(cancellationToken);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            while (await _lines.Reader.WaitToReadAsync(CancellationToken.None)) await AppendAsync();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.Broken(_logger, _path, exception);
        }
    }

    /// <summary>Everything that waits goes into the file at once.</summary>
    private async Task AppendAsync()
    {
        await using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        while (_lines.Reader.TryRead(out var line))
        {
            await file.WriteAsync(line);
            await file.WriteAsync(LineEnd);
            if (file.Position >= _options.RequestLogBytesMax) break;
        }
        await file.FlushAsync();
        if (file.Length >= _options.RequestLogBytesMax) Rotate();
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
        [LoggerMessage(8201, LogLevel.Error, "The request log {Path} cannot be written any more")]
        public static partial void Broken(ILogger logger, string path, Exception exception);
    }
}

/// <summary>Every request record goes to all of them.</summary>
internal sealed class RequestLogs(IReadOnlyList<IRequestLog> logs) : IRequestLog
{
    public void Write(RequestRecord record)
    {
        foreach (var log in logs) log.Write(record);
    }
}
