using System.Security.Cryptography;
using System.Text;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>The state files of one engine.</summary>
internal sealed class StateDisk : IDisposable
{
    private readonly EngineOptions _options;
    private readonly DiskFolder _folder;
    private readonly DiskWriter _writer;
    private readonly DiskReader _reader;
    private readonly DiskTimes _times;

    private StateDisk(EngineOptions options, DiskFolder folder, DiskKeys keys, DiskParts parts)
    {
        (_options, _folder) = (options, folder);
        var index = new DiskIndex(keys, options.DiskBytesMax);
        _times = new DiskTimes(parts.Time, options.DiskWaitMax, parts.Wake);
        _writer = new DiskWriter(folder, index, parts.Meters, parts.Time, options.DiskQueueBytesMax);
        _reader = new DiskReader(folder, index, parts.Meters, parts.Time, parts.Wake);
        var tier = new DiskTier(parts.Tree, parts.Mover, parts.Traits, index, _writer, parts.Meters, parts.Time);
        Saver = new DiskSaver(parts.Streams, parts.Store, tier, _writer, _times, options.DiskSaveDelay);
        Lookup = new DiskLookup(parts.Tree, parts.Store, parts.Traits, index, _reader, parts.Meters, _times);
        parts.Store.Demotion = tier;
        _writer.WaitForScan(options.DiskScanMax);
    }

    public DiskSaver Saver { get; }

    public DiskLookup Lookup { get; }

    /// <summary>Opens the files; null where there are to be none, or their folder cannot be used, and why that is.</summary>
    /// <param name="secret">The server's.</param>
    /// <param name="binding">Whatever shapes a state: files of another one are refused.</param>
    public static (StateDisk? Disk, string? Fault) Open(EngineOptions options, byte[]? secret, string binding, DiskParts parts)
    {
        if (options.DiskBytesMax == 0 || secret is null) return (null, null);
        try
        {
            var keys = new DiskKeys(secret);
            var folder = new DiskFolder(options.DiskPath, SHA256.HashData(Encoding.UTF8.GetBytes(binding)), keys);
            return (new StateDisk(options, folder, keys, parts), null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, exception.Message);
        }
    }

    /// <summary>Writes what is only in memory, and ends. The engine's thread has ended, and its state is still there.</summary>
    public void Dispose()
    {
        Saver.Drain(_options.DiskDrainMax);
        var hasEnded = _writer.End(_options.DiskDrainMax) & _reader.End(_options.DiskWaitMax);
        _times.Dispose();
        if (!hasEnded) return; // the disk holds a thread: the folder stays this process's
        _writer.Dispose();
        _folder.Dispose();
    }
}

/// <summary>What the files of an engine work on.</summary>
internal sealed record DiskParts(
    SegmentTree Tree, StreamTable Streams, ParkedStore Store, StateMover Mover, StateTraits Traits, EngineMeters Meters, TimeProvider Time)
{
    /// <summary>Wakes the engine's thread.</summary>
    public required Action Wake { get; init; }
}
