using System.Text.Json;

namespace Samovar.Protocol.Responses;

/// <summary>Writes <c>prompt_cache_diagnostics</c>, with its extension where that was asked for.</summary>
public static class CacheDiagnosticsWriter
{
    public const string SystemMark = "of_system";

    /// <param name="inOwnWords">Whether it says all that <see cref="CacheDiagnosticsReader"/> can read, and not only what OpenAI has
    /// words for.</param>
    internal static void Write(Utf8JsonWriter writer, CacheDiagnostics diagnostics, bool inOwnWords = false)
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
                writer.WriteString("reason"u8, inOwnWords ? miss.Reason : MissReasons.OfOpenAi(miss.Reason));
                if (inOwnWords && miss.IsOfSystem) writer.WriteBoolean(SystemMark, true);
                if (miss.ReusableTokens is { } reusable) writer.WriteNumber("comparison_reusable_tokens"u8, reusable);
                break;
            case CacheDiagnostics.ComparisonNotFound:
                writer.WriteString("type"u8, "comparison_response_not_found"u8);
                break;
            default:
                writer.WriteString("type"u8, "unavailable"u8);
                break;
        }
        if (diagnostics.Details is { } details)
        {
            writer.WritePropertyName("details"u8);
            Write(writer, details);
        }
        writer.WriteEndObject();
    }

    /// <summary>The extension alone.</summary>
    public static void Write(Utf8JsonWriter writer, CacheDetails details)
    {
        writer.WriteStartObject();
        writer.WriteNumber("prompt_tokens"u8, details.PromptTokens);
        writer.WriteNumber("cached_tokens"u8, details.CachedTokens);
        writer.WriteNumber("recomputed_tokens"u8, details.RecomputedTokens);
        writer.WriteString("reason"u8, details.Reason);
        writer.WriteStartArray("tiers"u8);
        foreach (var tier in details.Tiers)
        {
            writer.WriteStartObject();
            writer.WriteString("tier"u8, tier.Name);
            writer.WriteNumber("tokens"u8, tier.Tokens);
            writer.WriteNumber("milliseconds"u8, Math.Round(tier.Milliseconds, 3));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        Write(writer, details.LeftAt);
        Write(writer, details.Evicted);
        writer.WriteString("taken_over"u8, details.TakenOver); // from whom is nobody's affair
        writer.WriteString("rendered"u8, details.IsRenderedWhole ? "whole"u8 : "continued"u8);
        writer.WriteString("rendered_whole_because"u8, details.RenderedWholeBecause);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, CacheDeparture? left)
    {
        if (left is null)
        {
            writer.WriteNull("left_at"u8);
            return;
        }
        writer.WriteStartObject("left_at"u8);
        writer.WriteString("item"u8, left.Item);
        writer.WriteNumber("character"u8, left.Character);
        writer.WriteString("response_id"u8, left.ResponseId);
        writer.WriteString("before"u8, left.Before);
        writer.WriteString("now"u8, left.Now);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, CacheEviction? evicted)
    {
        if (evicted is null)
        {
            writer.WriteNull("evicted"u8);
            return;
        }
        writer.WriteStartObject("evicted"u8);
        writer.WriteString("at"u8, evicted.At);
        writer.WriteString("tier"u8, evicted.Tier);
        writer.WriteString("for"u8, "other_work"u8); // whose is nobody's affair
        writer.WriteString("budget"u8, evicted.Budget);
        writer.WriteEndObject();
    }
}
