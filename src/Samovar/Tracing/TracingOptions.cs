using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Tracing;

/// <summary>What is remembered of how turns went.</summary>
public sealed class TracingOptions
{
    public const string Section = "Tracing";

    /// <summary>Turns that ended whose traces are kept in memory; the oldest go first.</summary>
    [Range(0, 1_000_000)] public int KeptMax { get; set; } = 2000;

    /// <summary>Stretches that one trace has; further ones are added to the last of their stage.</summary>
    [Range(16, 100_000)] public int SpansMax { get; set; } = 256;
}

[OptionsValidator] public sealed partial class TracingOptionsValidator : IValidateOptions<TracingOptions>;
