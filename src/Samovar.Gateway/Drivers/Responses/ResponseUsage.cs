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
        var read = usage.Number("input_tokens"u8) ?? usage.Number("prompt_tokens"u8);
        var made = usage.Number("output_tokens"u8) ?? usage.Number("completion_tokens"u8);
        if ((read ?? 0) <= 0 && (made ?? 0) <= 0) return null;
        var input = Details(usage, "input_tokens_details"u8, "prompt_tokens_details"u8);
        var output = Details(usage, "output_tokens_details"u8, "completion_tokens_details"u8);
        return new Usage(read ?? 0, input.Number("cached_tokens"u8) ?? 0, made ?? 0, output.Number("reasoning_tokens"u8) ?? 0)
        {
            CacheWriteTokens = input.Number("cache_write_tokens"u8) ?? 0,
        };
    }

    private static RawJson Details(RawJson usage, ReadOnlySpan<byte> name, ReadOnlySpan<byte> otherName) =>
        usage.Field(name) is { IsEmpty: false } details ? details : usage.Field(otherName);
}
