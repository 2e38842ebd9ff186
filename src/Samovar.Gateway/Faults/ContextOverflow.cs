using Samovar.Protocol.Errors;

namespace Samovar.Gateway.Faults;

/// <summary>
/// A prompt that does not fit into a model's context, in all the ways in which upstreams say it: agents compact when they read the one
/// code that they know, and try again for ever where they read another.
/// </summary>
internal static class ContextOverflow
{
    private static readonly string[] Words =
    [
        "maximum context length", // vLLM, OpenRouter, DeepSeek, Mistral
        "longer than the maximum model length", // vLLM
        "available context size", // llama-server
        "model's context length", "exceeds the maximum allowed length", // SGLang
        "greater than the context length", "loaded with context length of only", // LM Studio
        "exceeded max context length", // Ollama
        "exceeds the context window", "input tokens exceed the configured limit", "prompt is too long", // OpenAI, Anthropic
        "input is too long for requested model", // Bedrock
        "maximum prompt length", // xAI
        "exceeds the maximum number of tokens allowed", // Google
        "reduce the length of the messages", // Groq
        "exceeded model token limit", // Kimi
        "context window exceeds limit", // MiniMax
        "prompt exceeds max length", // Z.AI
        "range of input length should be", // DashScope
        "prompt token count of", // GitHub Copilot
        "too many tokens:", // Cohere
        "`inputs` must have less than", "`inputs` tokens + `max_new_tokens` must be", // TGI, Together
    ];

    /// <summary>Where both together are too much, and the maximum is none of the client's.</summary>
    private static readonly string[] WordsOfBoth = [.. Words, "exceed context limit"]; // Anthropic

    private static readonly string[] OfAnswer = ["max_tokens", "max_completion_tokens", "max_output_tokens"];

    private static readonly string[] Codes =
    [
        Errors.ContextLengthExceeded.Code, "exceed_context_size_error", "model_max_prompt_tokens_exceeded", "context_window_exceeded",
        "context_length_error", "prompt_too_long", "input_too_long",
    ];

    /// <summary>Codes and types that only say that something is wrong, without dashes and underscores.</summary>
    private static readonly string[] Vague =
    [
        "invalidrequesterror", "invalidrequest", "invalidargument", "invalidparameter", "invalidparametererror", "badrequest",
        "badrequesterror", "validation", "validationerror", "error", "servererror", "internalservererror", "internalerror", "apierror",
        "upstreamerror",
    ];

    /// <summary>Whether an error says it, by its code or type, or in its words: a code that says more than that something is wrong is the
    /// upstream's own word for something else.</summary>
    /// <remarks>What speaks of <c>max_tokens</c> is about the answer: a shorter prompt is not what it asks for.</remarks>
    public static bool IsSaid(string message, string? code, string? type) =>
        IsCode(code) || IsCode(type) || (IsVague(code) && (IsIn(message, Words) || (code is not null && IsIn(code, Words))));

    /// <summary>Whether a refusal says it where the client left the length of the answer to us: only its prompt can be shorter.</summary>
    public static bool IsSaidOfBoth(UpstreamFault fault) => fault.Kind == FaultKind.Refused && fault.IsQuoted && IsVague(fault.Code)
        && Speaks(fault.Message, WordsOfBoth);

    private static bool IsIn(string text, string[] words) => Speaks(text, words) && !Speaks(text, OfAnswer);

    private static bool IsCode(string? code) =>
        code is not null && Array.Exists(Codes, one => code.Equals(one, StringComparison.OrdinalIgnoreCase));

    /// <summary>None, a number or a sentence, or a word for all that is wrong with requests and servers.</summary>
    private static bool IsVague(string? code)
    {
        if (code is null || code.Contains(' ', StringComparison.Ordinal) || code.All(char.IsAsciiDigit)) return true;
        var plain = code.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return Array.Exists(Vague, one => plain.Equals(one, StringComparison.OrdinalIgnoreCase));
    }

    private static bool Speaks(string text, string[] of) =>
        Array.Exists(of, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
