namespace Samovar.Backends.Embedded.Rendering;

/// <summary>What a template does with the texts of a turn, and of those before it, beside writing them.</summary>
/// <param name="Needles">The texts that it looked for in them.</param>
internal sealed record TextUse(IReadOnlySet<string> Needles)
{
    /// <summary>Whether it looks into texts in a way that is not known to be harmless.</summary>
    public bool LooksInto { get; init; }

    /// <summary>Whether it looks into what calls are made with.</summary>
    public bool ReadsArguments { get; init; }

    /// <summary>Whether it compares what was said with what was said elsewhere.</summary>
    public bool ComparesTexts { get; init; }

    /// <summary>Whether it compares whole messages.</summary>
    public bool ComparesMessages { get; init; }

    /// <summary>Whether it repeats behind an answer what was said before.</summary>
    public bool Repeats { get; init; }
}
