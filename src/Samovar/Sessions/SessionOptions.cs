using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Sessions;

/// <summary>Bounds of sessions. The first three are the public protocol's.</summary>
public sealed class SessionOptions
{
    public const string Section = "Sessions";

    /// <summary>Turns of one connection that run at once, over all lanes.</summary>
    [Range(1, 1024)] public int InFlightMax { get; set; } = 16;

    /// <summary>Distinct named lanes in a connection's lifetime.</summary>
    [Range(1, 1024)] public int NamedLanesMax { get; set; } = 32;

    /// <summary>How old a connection may become.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")] public TimeSpan ConnectionAgeMax { get; set; } = TimeSpan.FromMinutes(60);

    /// <summary>Turns of one connection that wait in their lanes; one more is answered 503.</summary>
    [Range(1, 10_000)] public int QueuedMax { get; set; } = 64;

    /// <summary>Frames that steer one response and wait for what follows it; one more is refused.</summary>
    [Range(1, 1024)] public int SteersMax { get; set; } = 32;

    /// <summary>Frames that steer and wait, of all responses of one connection.</summary>
    [Range(1, 65_536)] public int SteersTotalMax { get; set; } = 1056;

    /// <summary>Bytes of the frames that wait.</summary>
    [Range(65_536, 1L << 34)] public long QueuedBytesMax { get; set; } = 64L << 20;

    /// <summary>Bytes of events of one connection's turns that were not written to it yet; then its turns pause.</summary>
    [Range(65_536, 1L << 34)] public long UnreadBytesMax { get; set; } = 32L << 20;

    /// <summary>
    /// Bytes of memory that the chains of one connection's lanes may hold, what they share counted once; beyond it the least recently used
    /// lane's newest response goes. As much as one chain may have (<c>Turns:ChainBytesMax</c>), so that what completed can be continued.
    /// </summary>
    [Range(65_536, 1L << 40)] public long RetainedBytesMax { get; set; } = 256L << 20;

    /// <summary>
    /// Bytes of memory that the lanes of all connections may hold; beyond it the least recently used connection gives. Unset, no more than
    /// 16 % of the memory.
    /// </summary>
    [Range(65_536, 1L << 44)] public long RetainedBytesTotalMax { get; set; } = 2L << 30;

    /// <summary>Retry-After of a frame that found no room.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Sessions of this node, all tenants together; an eighth stays open for tenants that have few.</summary>
    [Range(1, 10_000_000)] public int CountMax { get; set; } = 100_000;
}

[OptionsValidator] public sealed partial class SessionOptionsValidator : IValidateOptions<SessionOptions>;
