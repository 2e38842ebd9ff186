using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>prompt_cache_options</c>.</summary>
internal static class CacheOptionsReader
{
    private static readonly FieldTable<CreateDraft> Fields = new(
        ("prewarm", static (ref json, draft) => draft.IsPrewarm = Forms.Flag.Read(ref json) ?? false),
        ("comparison_response_id", static (ref json, draft) =>
            draft.Request.CacheComparison = json.OptionalName() is { } id ? new ResponseId(id) : null),
        ("details", static (ref json, draft) => draft.Request.WantsCacheDetails = Forms.Flag.Read(ref json) ?? false),
        ("mode", static (ref json, draft) => Forms.CacheMode.Check(ref json)),
        ("ttl", static (ref json, draft) => Forms.CacheTtl.Check(ref json)));

    public static void Read(ref JsonCursor json, CreateDraft draft)
    {
        if (!json.IsNull) json.Object(Fields, draft);
    }
}
