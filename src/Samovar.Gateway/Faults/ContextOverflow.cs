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

    /// <remarks>What speaks of <c>max_tokens</c> is about the answer: a shorter prompt is not what it asks for.</remarks>
    public static bool IsSaid(string message) => !message.Contains("max_", StringComparison.OrdinalIgnoreCase)
        && Array.Exists(Words, words => message.Contains(words, StringComparison.OrdinalIgnoreCase));
}
