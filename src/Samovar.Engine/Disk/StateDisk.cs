using System.Security.Cryptography;
using System.Text;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;

namespace Samovar.Engine.Disk;

/// <summary>The state files of one engine.</summary>
internal sealed class StateDisk : IStateFiles, IDisposable
{
    private const int ExpectedMax = 16; // announcements that wait for the engine's thread
    private readonly EngineOptions _options;
    private readonly DiskParts _parts;
    private readonly DiskIndex _index;
    private readonly DiskWriter _writer;
    private readonly DiskReader _reader;
    private readonly DiskTimes _times;
    private readonly SegmentOwners _owners;
    private int _expected;

    private StateDisk(EngineOptions options, DiskKeyRing ring, byte[] binding, DiskParts parts)
    {
        (_options, _parts) = (options, parts);
        var needsPoints = parts.Traits.Checkpoints != CheckpointPart.None;
        _index = new DiskIndex(ring, new DiskWorth(parts.Retained.Policy, parts.Retained.Prefill, needsPoints, parts.Time), parts.Time);
        _owners = new SegmentOwners(_index.Uses);
        _times = new DiskTimes(parts.Time, options.DiskWaitMax, parts.Wake);
        _writer = new DiskWriter(options, () => new DiskFolder(options.DiskPath, binding, ring), _index, parts.Traits.Layout, parts.Meters,
            parts.Time);
        _writer.Health.HasFailed = parts.Wake;
        _reader = new DiskReader(
            _writer, _index, new DiskHealth(parts.Time, options.DiskRetryDelay, parts.Meters), parts.Meters, parts.Time, parts.Wake);
        var tier = new DiskTier(parts.Tree, parts.Mover, parts.Traits, _index, _writer, parts.Meters, parts.Time,
            options.DiskPieceBytesMax);
        Saver = new DiskSaver(parts.Streams, parts.Retained.Store, tier, _writer, _times, options);
        Lookup = new DiskLookup(
            parts.Tree, parts.Retained.Store, parts.Traits, _index, _reader, parts.Retained.Prefill, parts.Meters, _times);
        parts.Retained.Store.Demotion = tier;
        _writer.WaitForScan(options.DiskScanMax);
    }

    public DiskSaver Saver { get; }

    public DiskLookup Lookup { get; }

    /// <summary>Why files are not used; null: they are.</summary>
    public string? Fault => _writer.Health.Fault ?? _reader.Health.Fault;

    /// <summary>Whether it is left alone after a failure.</summary>
    public bool IsResting => _writer.Health.IsResting || _reader.Health.IsResting;

    /// <summary>What all files may take.</summary>
    public long BytesMax => _writer.BytesMax;

    /// <summary>Tokens whose state the files have.</summary>
    public long Tokens => _index.Tokens;

    /// <summary>Opens the files; null where there are to be none.</summary>
    /// <param name="secrets">The server's, the newest first.</param>
    /// <param name="binding">Whatever shapes a state: files of another one are refused.</param>
    public static StateDisk? Open(EngineOptions options, IReadOnlyList<byte[]>? secrets, string binding, DiskParts parts) =>
        options.DiskBytesMax == 0 || secrets is not { Count: > 0 } ? null
            : new StateDisk(options, new DiskKeyRing(secrets), SHA256.HashData(Encoding.UTF8.GetBytes(binding)), parts);

    /// <summary>Whose state a turn's is.</summary>
    public StateOwner OwnerOf(EngineTurnSpec spec) => _index.Uses.Of(spec.Namespace, spec.StoredAs, spec.StoredBehind);

    /// <summary>A turn whose state may be written goes through a segment. The engine's thread.</summary>
    public void Note(Segment end, StateOwner owner) => _owners.Add(end, owner);

    public void Expect(string scope, TokenPath path)
    {
        if (Interlocked.Increment(ref _expected) > ExpectedMax)
        {
            Interlocked.Decrement(ref _expected); // a hint: its turn asks again
            return;
        }
        _parts.Ask(() =>
        {
            Interlocked.Decrement(ref _expected);
            _parts.Expect(scope, path);
        });
    }

    public void Forget(string scope, string storedAs) => _writer.Forget(scope, storedAs);

    public IReadOnlyList<(string Scope, string StoredAs)> KeptBefore(DateTimeOffset until) => _index.Uses.ListedBefore(until);

    /// <summary>Writes what is only in memory, and ends. The engine's thread has ended, and its state is still there.</summary>
    public void Dispose()
    {
        Lookup.LeaveAll();
        Saver.Drain(_options.DiskDrainMax);
        var hasEnded = _writer.End(_options.DiskDrainMax) & _reader.End(_options.DiskWaitMax);
        _times.Dispose();
        if (hasEnded) _writer.Dispose(); // else the disk holds a thread: the folder stays this process's
    }
}

/// <summary>What the files of an engine work on.</summary>
internal sealed record DiskParts(
    SegmentTree Tree, StreamTable Streams, Retained Retained, StateMover Mover, StateTraits Traits, EngineMeters Meters, TimeProvider Time)
{
    /// <summary>Wakes the engine's thread.</summary>
    public required Action Wake { get; init; }

    /// <summary>Has something done by the engine's thread.</summary>
    public required Action<Action> Ask { get; init; }

    /// <summary>A turn will come; called by the engine's thread.</summary>
    public required Action<string, TokenPath> Expect { get; init; }
}
