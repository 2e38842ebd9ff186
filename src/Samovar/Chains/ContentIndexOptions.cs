using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Chains;

/// <summary>Bounds of the memory by which a resent history finds its chain; of the tenant that has most the least recently used
/// chains go first.</summary>
public sealed class ContentIndexOptions
{
    public const string Section = "ContentIndex";

    /// <summary>Responses that can be found by what was said; 0 finds none, and every resent history is taken as a new one.</summary>
    [Range(0, 10_000_000)] public int EntriesMax { get; set; } = 20_000;

    /// <summary>Bytes of the chains that are kept in memory for it. Unset, no more than 4 % of the memory.</summary>
    [Range(0, 1L << 40)] public long BytesMax { get; set; } = 256L << 20;

    /// <summary>How long a chain is kept after its newest turn; for <c>store:false</c> too, in memory only.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")] public TimeSpan AgeMax { get; set; } = TimeSpan.FromHours(1);
}

[OptionsValidator] public sealed partial class ContentIndexOptionsValidator : IValidateOptions<ContentIndexOptions>;
