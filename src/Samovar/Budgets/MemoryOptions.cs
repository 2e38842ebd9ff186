using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Budgets;

/// <summary>
/// The budget of bytes, by what they are. Its other shares have names of their own: <c>Sessions:RetainedBytesTotalMax</c>,
/// <c>Chains:BytesMax</c>, <c>ContentIndex:BytesMax</c>, <c>Engine:ParkedBytesMax</c>. A share that is not set takes its default, or a part
/// of the memory where that is less.
/// </summary>
public sealed class MemoryOptions
{
    public const string Section = "Memory";

    /// <summary>Bytes that all shares together may have; 0 takes what the machine, or the cgroup, has for this process.</summary>
    [Range(0, 1L << 44)] public long BytesMax { get; set; }

    /// <summary>
    /// Bytes of WebSocket messages, as they are held from their first byte to the end of their turns.
    /// Unset, no more than 6 % of the memory.
    /// </summary>
    [Range(1 << 20, 1L << 42)] public long FramesBytesMax { get; set; } = 512L << 20;

    /// <summary>
    /// Bytes of request bodies, as they are held from their first byte to the end of their turns.
    /// Unset, no more than 10 % of the memory.
    /// </summary>
    [Range(1 << 20, 1L << 42)] public long BodiesBytesMax { get; set; } = 1L << 30;

    /// <summary>
    /// Bytes of turns' events and pages of lists that their readers have not taken yet, and of the output of running turns.
    /// Unset, no more than 10 % of the memory.
    /// </summary>
    [Range(1 << 20, 1L << 42)] public long LogsBytesMax { get; set; } = 1L << 30;

    /// <summary>Bytes of upstreams' events while they are put together and read. Unset, no more than 6 % of the memory.</summary>
    [Range(1 << 20, 1L << 42)] public long EventsBytesMax { get; set; } = 512L << 20;

    /// <summary>How many times the free bytes of a share one tenant (without keys: one connection) may hold.</summary>
    [Range(1, 1000)] public int FlowMultiple { get; set; } = 2;

    /// <summary>Retry-After of a request that found no room.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}

[OptionsValidator] public sealed partial class MemoryOptionsValidator : IValidateOptions<MemoryOptions>;
