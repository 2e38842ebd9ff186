using System.ComponentModel.DataAnnotations;

namespace Samovar.Templates.Values;

/// <summary>What one render may cost; a template that wants more ends as a <see cref="TemplateException"/>.</summary>
internal sealed record TemplateLimits
{
    public static readonly TemplateLimits Default = new();

    /// <summary>Characters of the output, and of any one text on the way to it.</summary>
    [Range(1, 1 << 28)] public int CharsMax { get; init; } = 1 << 24;

    /// <summary>Expressions and statements carried out, where 256 characters or 4 list items made count as one more.</summary>
    [Range(1, int.MaxValue)] public int StepsMax { get; init; } = 10_000_000;

    /// <summary>How deep expressions, blocks, macros and values may stand inside each other.</summary>
    [Range(8, 2000)] public int DepthMax { get; init; } = 500;
}
