using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Tracing;

/// <summary>What is remembered of how turns went.</summary>
public sealed class TracingOptions
{
    public const string Section = "Tracing";

    /// <summary>Turns that ended whose traces, and what their cache did, are kept in memory, about 20 kB each at most: the oldest of the
    /// tenant that has most go first. 0: no turn is traced.</summary>
    [Range(0, 1_000_000)] public int KeptMax { get; set; } = 2000;

    /// <summary>Stretches that one trace has. Further ones share a place with others of their stage, and the trace says so.</summary>
    [Range(16, 100_000)] public int SpansMax { get; set; } = 256;

    /// <summary>Whether a turn's stretches are exported as spans below its own, where <c>Monitoring:OtlpEndpoint</c> is set.</summary>
    public bool ExportStages { get; set; }
}

[OptionsValidator] public sealed partial class TracingOptionsValidator : IValidateOptions<TracingOptions>;
