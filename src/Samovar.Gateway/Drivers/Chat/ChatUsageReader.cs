using Samovar.Gateway.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Reads what a chunk says of tokens, wherever it says it.</summary>
internal static class ChatUsageReader
{
    /// <summary>Null where it says nothing.</summary>
    public static Usage? Of(ChatChunk chunk, ChatChoice choice)
    {
        var usage = chunk.Usage.IsSet() ? chunk.Usage : choice.Usage; // Moonshot has it in the choice
        if (!usage.IsSet()) usage = chunk.Groq.Field("usage"u8);
        var timings = chunk.Timings; // llama-server reports what it took from the cache beside the usage
        if (!usage.IsSet() && timings.IsEmpty) return null;
        var input = TokenCount.Of(usage, "prompt_tokens"u8) ?? TokenCount.Of(usage, "input_tokens"u8);
        var output = TokenCount.Of(usage, "completion_tokens"u8) ?? TokenCount.Of(usage, "output_tokens"u8);
        if ((input ?? 0) == 0 && (output ?? 0) == 0) return OfTimings(timings); // no prompt has no tokens, so zeros are no count either
        var details = usage.Field("prompt_tokens_details"u8);
        var cached = TokenCount.Of(details, "cached_tokens"u8) ?? TokenCount.Of(usage, "cached_tokens"u8)
            ?? TokenCount.Of(usage, "prompt_cache_hit_tokens"u8) ?? TokenCount.Of(usage, "cache_read_input_tokens"u8)
            ?? TokenCount.Of(timings, "cache_n"u8) ?? 0;
        var reasoning = TokenCount.Of(usage.Field("completion_tokens_details"u8), "reasoning_tokens"u8)
            ?? TokenCount.Of(usage, "reasoning_tokens"u8) ?? 0;
        return TokenCount.Consistent(new Usage(input ?? 0, cached, output ?? 0, reasoning)
        {
            CacheWriteTokens = TokenCount.Of(details, "cache_write_tokens"u8) ?? TokenCount.Of(usage, "cache_creation_input_tokens"u8) ?? 0,
        }, TokenCount.Of(usage, "total_tokens"u8), hasInput: input > 0);
    }

    /// <summary>The newer figures, and the older ones where the newer are missing: some send them in chunks of their own.</summary>
    public static Usage Newest(Usage? older, Usage newer)
    {
        if (older is null) return newer;
        var (input, output) = (newer.InputTokens > 0 ? newer : older, newer.OutputTokens > 0 ? newer : older);
        return new Usage(input.InputTokens, input.CachedTokens, output.OutputTokens, output.ReasoningTokens)
        {
            CacheWriteTokens = input.CacheWriteTokens,
        };
    }

    private static Usage? OfTimings(RawJson timings)
    {
        if (TokenCount.Of(timings, "prompt_n"u8) is not { } computed) return null;
        var cached = TokenCount.Of(timings, "cache_n"u8) ?? 0;
        return new Usage(computed + cached, cached, TokenCount.Of(timings, "predicted_n"u8) ?? 0, 0);
    }
}
