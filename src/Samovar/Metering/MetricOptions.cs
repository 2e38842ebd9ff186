using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Metering;

/// <summary>What metrics tell apart.</summary>
public sealed class MetricOptions
{
    public const string Section = "Metrics";

    /// <summary>Model names that metrics tell apart; further ones are <c>_OTHER</c>.</summary>
    [Range(1, 10_000)] public int ModelsMax { get; set; } = 200;

    /// <summary>Whether the cost of turns is also reported by tenant.</summary>
    public bool TenantLabel { get; set; }
}

[OptionsValidator] public sealed partial class MetricOptionsValidator : IValidateOptions<MetricOptions>;
