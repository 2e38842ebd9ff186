using Samovar.Backends.Embedded.Rendering;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Finds a model's dialect in its template, and makes its parser.</summary>
internal static class DialectChoice
{
    /// <summary>What a template's own text gives away, the surest sign first.</summary>
    private static readonly (string Sign, Dialect Dialect)[] Signs =
    [
        ("<|channel|>", Dialect.Harmony),
        ("tool▁call▁begin", Dialect.DeepSeek),
        ("[TOOL_CALLS]", Dialect.Mistral),
        ("<tool_call>", Dialect.Hermes),
        ("<|python_tag|>", Dialect.Llama),
        ("<|eom_id|>", Dialect.Llama),
        ("\"parameters\": ", Dialect.Llama),
        ("<|start_header_id|>", Dialect.Llama),
    ];

    /// <param name="option">The operator's choice, or auto.</param>
    /// <param name="source">The template's source.</param>
    /// <param name="facts">What the template can do; one that cannot write calls is given them in the Hermes way.</param>
    public static Dialect Choose(string option, string source, TemplateFacts facts)
    {
        if (Enum.TryParse<Dialect>(option, ignoreCase: true, out var chosen)) return chosen;
        foreach (var (sign, dialect) in Signs)
            if (source.Contains(sign, StringComparison.Ordinal)) return dialect;
        return facts.Tools && facts.Calls ? Dialect.Json : Dialect.Hermes;
    }

    /// <summary>All that is known of how the model writes: learned from its template, or as the operator says.</summary>
    /// <param name="option">The operator's choice, or auto.</param>
    /// <param name="source">The template's source.</param>
    /// <param name="facts">What the template can do.</param>
    /// <param name="learner">Asks the template.</param>
    public static ModelDialect Writes(string option, string source, TemplateFacts facts, DialectLearner learner)
    {
        if (Enum.TryParse<Dialect>(option, ignoreCase: true, out var chosen)) return FixedDialects.Of(chosen);
        var nearest = Choose(option, source, facts);
        var learned = learner.Learn();
        if (learned.Channels is not null) return learned;
        if (nearest == Dialect.Harmony) return FixedDialects.Of(nearest); // its template cannot be asked
        return FixedDialects.Join(learned, nearest, isAnnounced: !facts.Tools,
            sign => source.Contains(sign, StringComparison.Ordinal) || learner.IsToken(sign));
    }

    /// <param name="dialect">The dialect.</param>
    /// <param name="sink">Where output goes.</param>
    /// <param name="headCharsMax">Bound of a call's head.</param>
    /// <param name="promptEnd">The prompt's last characters: whether it opened the reasoning.</param>
    public static OutputParser Parser(Dialect dialect, IOutputSink sink, int headCharsMax, string promptEnd) =>
        Parser(FixedDialects.Of(dialect), sink, headCharsMax, promptEnd);

    /// <inheritdoc cref="Parser(Dialect, IOutputSink, int, string)"/>
    public static OutputParser Parser(ModelDialect dialect, IOutputSink sink, int headCharsMax, string promptEnd) =>
        dialect.Channels is { } channels ? new ChannelParser(channels, sink, headCharsMax)
        : new DialectParser(dialect, sink, headCharsMax, dialect.Begun(promptEnd));
}
