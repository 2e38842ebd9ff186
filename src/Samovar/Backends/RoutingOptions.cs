using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Samovar.Backends;

/// <summary>How model names are understood.</summary>
public sealed class RoutingOptions
{
    public const string Section = "Routing";

    /// <summary>Other names of models: asked name → served name.</summary>
    public Dictionary<string, string> Aliases { get; } = new(StringComparer.Ordinal);

    /// <summary>The model of a request that names none, where several are served.</summary>
    [StringLength(256)] public string? DefaultModel { get; set; }
}

[OptionsValidator] public sealed partial class RoutingOptionsValidator : IValidateOptions<RoutingOptions>;
