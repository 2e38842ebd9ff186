using System.Text.Json;

namespace Samovar.Protocol.Responses;

/// <summary>Writes <c>usage</c>.</summary>
internal static class UsageWriter
{
    public static void Write(Utf8JsonWriter writer, Usage? usage)
    {
        if (usage is null)
        {
            writer.WriteNull("usage"u8);
            return;
        }
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("input_tokens"u8, usage.InputTokens);
        writer.WriteStartObject("input_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, usage.CachedTokens);
        writer.WriteNumber("cache_write_tokens"u8, usage.CacheWriteTokens);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens"u8, usage.OutputTokens);
        writer.WriteStartObject("output_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, usage.ReasoningTokens);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens"u8, (long)usage.InputTokens + usage.OutputTokens);
        writer.WriteEndObject();
    }
}
