using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Chains;

/// <summary>Bounds of the stored responses in memory; of the tenant that has most the least recently used go first.</summary>
public sealed class ChainOptions
{
    public const string Section = "Chains";

    /// <summary>Stored responses.</summary>
    [Range(1, 10_000_000)] public int CountMax { get; set; } = 100_000;

    /// <summary>
    /// Bytes of memory that the stored responses hold, what a chain shares counted once. Unset, no more than 8 % of the memory.
    /// </summary>
    [Range(65_536, 1L << 40)] public long BytesMax { get; set; } = 1L << 30;

    /// <summary>How long a response is kept, from its end.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "366.00:00:00")] public TimeSpan AgeMax { get; set; } = TimeSpan.FromDays(30);
}

[OptionsValidator] public sealed partial class ChainOptionsValidator : IValidateOptions<ChainOptions>;
