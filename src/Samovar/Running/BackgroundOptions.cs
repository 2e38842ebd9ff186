using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Running;

/// <summary>Bounds of background turns: they run beside all others, and wait as long as it takes.</summary>
public sealed class BackgroundOptions
{
    public const string Section = "Background";

    /// <summary>Background turns that run at once, all tenants together; an eighth stays open for tenants that have few.</summary>
    [Range(1, 100_000)] public int RunningMax { get; set; } = 64;

    /// <summary>Background turns that wait, all tenants together; one more is answered 503 with <see cref="RetryAfter"/>.</summary>
    [Range(1, 1_000_000)] public int QueuedMax { get; set; } = 1024;

    /// <summary>Background turns of one tenant that wait; one more is answered 429 with <see cref="RetryAfter"/>.</summary>
    [Range(1, 1_000_000)] public int QueuedPerTenantMax { get; set; } = 256;

    /// <summary>How long one may wait for its place; then it fails.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")] public TimeSpan QueueWaitMax { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Retry-After of a turn that found no place to wait.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often this process says that it lives.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")] public TimeSpan LeaseInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>After how long without that a process is dead to others, and what it ran has failed.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")] public TimeSpan LeaseMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long it is kept how a turn ended that left no response.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")] public TimeSpan EndsKeptFor { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Turns of one tenant that left no response, and of which it is kept how they ended and what they were made from; the oldest go.
    /// </summary>
    [Range(1, 1_000_000)] public int EndsPerTenantMax { get; set; } = 4096;

    /// <summary>Bytes in the store of one tenant's turns that left no response, their input packed; the oldest go.</summary>
    [Range(65_536L, 1L << 40)] public long EndBytesPerTenantMax { get; set; } = 256L << 20;

    /// <summary>
    /// Turns that were refused because the store did not say in time whether it has noted them, and that are taken back when it can be
    /// written again; of the oldest beyond it the next start does so.
    /// </summary>
    [Range(1, 1_000_000)] public int UnsureMax { get; set; } = 1024;
}

[OptionsValidator] public sealed partial class BackgroundOptionsValidator : IValidateOptions<BackgroundOptions>;
