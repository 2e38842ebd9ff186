using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Running;

/// <summary>Bounds of events that are kept to be read again, and of turns that have lost their reader.</summary>
public sealed class ReplayOptions
{
    public const string Section = "Replay";

    /// <summary>How long a turn goes on that lost its reader, where the connection said that it can resume; then it is cancelled.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan OrphanGrace { get; set; } = TimeSpan.FromSeconds(30);

    internal TimeSpan GraceOf(TimeSpan? asked) =>
        asked is { } wanted && wanted > OrphanGrace ? wanted < OrphanGraceMax ? wanted : OrphanGraceMax : OrphanGrace;

    /// <summary>The same where the connection asked for more (<c>x-samovar-resume-grace</c>, seconds): never longer than this.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan OrphanGraceMax { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the events of a turn can be read again after its end.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")] public TimeSpan KeptFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Those that read one turn's events at once, streams and connections each; one more is answered 429, or 503 on a connection, with
    /// <see cref="RetryAfter"/>.
    /// </summary>
    [Range(1, 1_000_000)] public int ReadersMax { get; set; } = 1000;

    /// <summary>Retry-After of a reader that found no place.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of one turn's events that are kept to be read again; beyond it the oldest go.</summary>
    [Range(65_536, 1L << 34)] public long TurnBytesMax { get; set; } = 8L << 20;

    /// <summary>Bytes of events of one tenant that are kept to be read again; beyond it those of the turns that ended first go.</summary>
    [Range(65_536, 1L << 40)] public long TenantBytesMax { get; set; } = 64L << 20;

    /// <summary>
    /// Bytes of events of all tenants that are kept to be read again, a part of <c>Memory:LogsBytesMax</c>; beyond it those of the turns
    /// that ended first go.
    /// </summary>
    [Range(65_536, 1L << 42)] public long BytesMax { get; set; } = 256L << 20;

    /// <summary>
    /// Bytes of memory of the chains of one tenant that are kept for connections that resume a turn, what they share counted once; beyond
    /// it the oldest goes: its turn can still be read, and continued where it is stored. As much as one chain may have.
    /// </summary>
    [Range(65_536, 1L << 40)] public long TenantChainBytesMax { get; set; } = 256L << 20;

    /// <summary>
    /// Bytes of memory of the chains of all tenants that are kept for connections that resume a turn; beyond it the oldest of the tenant
    /// goes that keeps most. Unset, no more than 2 % of the memory.
    /// </summary>
    [Range(65_536, 1L << 42)] public long ChainBytesMax { get; set; } = 512L << 20;
}

[OptionsValidator] public sealed partial class ReplayOptionsValidator : IValidateOptions<ReplayOptions>;
