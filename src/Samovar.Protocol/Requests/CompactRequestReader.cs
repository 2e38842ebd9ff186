using Samovar.Protocol.Errors;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>
/// The body of <c>POST /v1/responses/compact</c> as a create request that compacts, is stored nowhere and streams nothing.
/// </summary>
/// <remarks>
/// Clients send what they send with a turn, tools and reasoning included: it is read as there, so that the prompt is the same.
/// </remarks>
public static class CompactRequestReader
{
    private const int CacheKeyCharsMax = 64;

    /// <summary>Throws <see cref="ApiException"/> with the offending field as <c>Param</c>.</summary>
    public static CreateRequest Read(ReadOnlyMemory<byte> utf8, ProtocolLimits limits, SessionHints? hints = null)
    {
        var request = CreateRequestReader.Read(utf8, CreateRequestOrigin.Http, limits, hints);
        if (request.Conversation is not null) throw new ApiException(UnsupportedParameter, "conversation", "conversation");
        if (request.Model is null) throw new ApiException(MissingParameter, "model", "model");
        if (request.PromptCacheKey is { Length: > CacheKeyCharsMax } key)
            throw new ApiException(StringTooLong, ["prompt_cache_key", CacheKeyCharsMax, key.Length], "prompt_cache_key");
        return request with { Compacts = true, Compaction = null, Store = false, Stream = false, Generate = true };
    }
}
