using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>stream_id</c>.</summary>
internal static class LaneReader
{
    public static LaneId Read(ref JsonCursor json)
    {
        if (json.IsNull) return LaneId.Default;
        if (json.Token != JsonTokenType.String) throw Invalid();
        var name = json.Text;
        return LaneId.IsName(name) ? new LaneId(name) : throw Invalid();
    }

    private static ApiException Invalid() => new(Errors.Errors.InvalidStreamId, LaneId.NameCharsMax, "stream_id");
}
