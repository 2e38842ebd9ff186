using Samovar.Gateway.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Reads <c>usage</c> of a response, also under the names of Chat Completions.</summary>
internal static class ResponseUsage
{
    /// <summary>Null where it says nothing: no prompt has no tokens, so zeros are not a count either.</summary>
    public static Usage? Of(RawJson usage)
    {
        var read = TokenCount.Of(usage, "input_tokens"u8) ?? TokenCount.Of(usage, "prompt_tokens"u8);
        var made = TokenCount.Of(usage, "output_tokens"u8) ?? TokenCount.Of(usage, "completion_tokens"u8);
        if ((read ?? 0) <= 0 && (made ?? 0) <= 0) return null;
        var input = Details(usage, "input_tokens_details"u8, "prompt_tokens_details"u8);
        var output = Details(usage, "output_tokens_details"u8, "completion_tokens_details"u8);
        var cached = TokenCount.Of(input, "cached_tokens"u8) ?? 0;
        var reasoning = TokenCount.Of(output, "reasoning_tokens"u8) ?? 0;
        return TokenCount.Consistent(new Usage(read ?? 0, cached, made ?? 0, reasoning)
        {
            CacheWriteTokens = TokenCount.Of(input, "cache_write_tokens"u8) ?? 0,
        }, TokenCount.Of(usage, "total_tokens"u8), hasInput: read > 0);
    }

    private static RawJson Details(RawJson usage, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherName) =>
        usage.Field(name) is { IsEmpty: false } details ? details : usage.Field(otherName);
}
