using System.Text.Json;

namespace Samovar.Protocol.Responses;

/// <summary>Writes <c>usage</c> and <c>prompt_cache_diagnostics</c>.</summary>
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

    public static void Write(Utf8JsonWriter writer, CacheDiagnostics diagnostics)
    {
        writer.WriteStartObject("prompt_cache_diagnostics"u8);
        switch (diagnostics)
        {
            case CacheDiagnostics.Hit:
                writer.WriteString("type"u8, "cache_hit"u8);
                break;
            case CacheDiagnostics.Miss miss:
                writer.WriteString("type"u8, "cache_miss"u8);
                writer.WriteNumber("cache_missed_tokens"u8, miss.MissedTokens);
                writer.WriteString("reason"u8, miss.Reason);
                if (miss.ReusableTokens is { } reusable) writer.WriteNumber("comparison_reusable_tokens"u8, reusable);
                break;
            case CacheDiagnostics.ComparisonNotFound:
                writer.WriteString("type"u8, "comparison_response_not_found"u8);
                break;
            default:
                writer.WriteString("type"u8, "unavailable"u8);
                break;
        }
        writer.WriteEndObject();
    }
}
