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
        var input = usage.Number("prompt_tokens"u8) ?? usage.Number("input_tokens"u8);
        var output = usage.Number("completion_tokens"u8) ?? usage.Number("output_tokens"u8);
        if (input is null && output is null) return OfTimings(timings);
        var details = usage.Field("prompt_tokens_details"u8);
        var cached = details.Number("cached_tokens"u8) ?? usage.Number("cached_tokens"u8) ?? usage.Number("prompt_cache_hit_tokens"u8)
            ?? usage.Number("cache_read_input_tokens"u8) ?? timings.Number("cache_n"u8) ?? 0;
        var reasoning = usage.Field("completion_tokens_details"u8).Number("reasoning_tokens"u8) ?? usage.Number("reasoning_tokens"u8) ?? 0;
        return new Usage(Math.Max(input ?? 0, 0), Math.Max(cached, 0), Math.Max(output ?? 0, 0), Math.Max(reasoning, 0))
        {
            CacheWriteTokens = details.Number("cache_write_tokens"u8) ?? usage.Number("cache_creation_input_tokens"u8) ?? 0,
        };
    }

    private static Usage? OfTimings(RawJson timings)
    {
        if (timings.Number("prompt_n"u8) is not { } computed) return null;
        var cached = timings.Number("cache_n"u8) ?? 0;
        return new Usage(computed + cached, cached, timings.Number("predicted_n"u8) ?? 0, 0);
    }
}
