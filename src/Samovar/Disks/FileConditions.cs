using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Samovar.Metering;

namespace Samovar.Disks;

/// <summary>Every file that the server writes, and whether it can.</summary>
internal sealed class FileConditions
{
    public const string MeterName = "Samovar.Files";
    private readonly ConcurrentQueue<FileCondition> _all = new();
    private readonly DiskOptions _options;

    public FileConditions(DiskOptions options, IMeterFactory meters)
    {
        _options = options;
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("samovar.files.failing", () => Measure(file => file.Trouble is null ? 0L : 1L), "1",
            "1 while a file of the server cannot be written.", Labels.Are(Labels.File));
        meter.CreateObservableCounter("samovar.files.dropped", () => Measure(file => file.Dropped), "{entry}",
            "Entries that a file of the server did not take in time.", Labels.Are(Labels.File));
    }

    public IReadOnlyCollection<FileCondition> All => _all;

    /// <summary>Watches one more file from now on.</summary>
    public FileCondition Add(string name, string path, ILogger logger)
    {
        var file = new FileCondition(name, path, _options, logger);
        _all.Enqueue(file);
        return file;
    }

    private IEnumerable<Measurement<long>> Measure(Func<FileCondition, long> read) =>
        _all.Select(file => new Measurement<long>(read(file), new KeyValuePair<string, object?>(Labels.File, file.Name)));
}
