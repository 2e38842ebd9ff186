using Samovar.Backends.Embedded.Rendering;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>How a model writes calls and reasoning.</summary>
internal enum Dialect { Hermes, Llama, Mistral, Harmony, DeepSeek, Json, Plain }

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

    /// <summary>Whether a prompt that ends like this has begun a thought.</summary>
    public static bool OpensReasoning(string promptEnd) => promptEnd.AsSpan().TrimEnd().EndsWith("<think>", StringComparison.Ordinal);

    /// <param name="dialect">The dialect.</param>
    /// <param name="sink">Where output goes.</param>
    /// <param name="headCharsMax">Bound of a call's head.</param>
    /// <param name="promptEnd">The prompt's last characters: whether it opened the reasoning.</param>
    public static OutputParser Parser(Dialect dialect, IOutputSink sink, int headCharsMax, string promptEnd)
    {
        var inReasoning = OpensReasoning(promptEnd);
        return dialect switch
        {
            Dialect.Harmony => new HarmonyParser(sink, headCharsMax),
            Dialect.DeepSeek => new DeepSeekParser(sink, headCharsMax, inReasoning),
            Dialect.Mistral => new MistralParser(sink, headCharsMax),
            Dialect.Llama or Dialect.Json => new ObjectsParser(sink, headCharsMax, inReasoning),
            Dialect.Plain => new TaggedParser(sink, headCharsMax, inReasoning, callsToo: false),
            _ => new TaggedParser(sink, headCharsMax, inReasoning),
        };
    }
}
