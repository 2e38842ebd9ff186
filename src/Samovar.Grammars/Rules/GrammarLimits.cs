using System.ComponentModel.DataAnnotations;

namespace Samovar.Grammars.Rules;

/// <summary>What one grammar may cost.</summary>
internal sealed record GrammarLimits
{
    public static readonly GrammarLimits Default = new();

    /// <summary>Bytes of one schema.</summary>
    [Range(2, 1 << 24)] public int SchemaBytesMax { get; init; } = 256 * 1024;

    /// <summary>How deep schemas may stand inside each other, references followed.</summary>
    [Range(4, 128)] public int DepthMax { get; init; } = 48;

    /// <summary>Characters of one regular expression.</summary>
    [Range(16, 1 << 20)] public int PatternCharsMax { get; init; } = 64 * 1024;

    /// <summary>Characters of a declared name, where an object has others beside it.</summary>
    [Range(16, 1024)] public int NameCharsMax { get; init; } = 256;

    /// <summary>Steps that its making takes: schemas read, merged and written, characters written.</summary>
    [Range(1000, 1L << 32)] public long StepsMax { get; init; } = 8 << 20;

    /// <summary>Rules of one grammar, over all its schemas.</summary>
    [Range(16, 100_000)] public int RulesMax { get; init; } = 4000;

    /// <summary>Characters of one grammar.</summary>
    [Range(256, 1 << 24)] public int CharsMax { get; init; } = 1 << 20;
}
