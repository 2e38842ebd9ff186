namespace Samovar.Gateway.Faults;

/// <summary>A prompt that does not fit into a model's context, as upstreams say it that have no code for it.</summary>
internal static class ContextOverflow
{
    private static readonly string[] Words =
    [
        "maximum context length", // vLLM, OpenRouter, DeepSeek, Mistral
        "available context size", // llama-server
        "model's context length", // SGLang
        "exceeds the context window", "prompt is too long", // OpenAI, Anthropic
        "input is too long for requested model", // Bedrock
        "maximum prompt length", // xAI
        "exceeds the maximum number of tokens allowed", // Google
    ];

    /// <summary>Whether a refusal says it, in its words alone: a code that says more than that the request is wrong is the upstream's
    /// own word for it.</summary>
    /// <remarks>What speaks of <c>max_tokens</c> is about the answer: a shorter prompt is not what it asks for.</remarks>
    public static bool IsSaid(UpstreamFault fault) => SaysNothing(fault.Code)
        && (IsSaid(fault.Message) || (fault.Code is { } sentence && IsSaid(sentence)));

    private static bool IsSaid(string words) => !words.Contains("max_", StringComparison.OrdinalIgnoreCase)
        && Array.Exists(Words, one => words.Contains(one, StringComparison.OrdinalIgnoreCase));

    /// <summary>A number or a sentence, or a word for all that is wrong with requests.</summary>
    private static bool SaysNothing(string? code) => code is null or "invalid_request_error" or "invalid_argument" or "bad_request"
        || code.Contains(' ', StringComparison.Ordinal) || code.All(char.IsAsciiDigit);
}
