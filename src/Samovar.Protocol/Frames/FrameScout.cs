using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Frames;

/// <summary>Looks once more at a refused frame, only to find out whose it was.</summary>
internal static class FrameScout
{
    private static readonly FieldTable<Seen> Fields = new(
        ("type", static (ref json, seen) => seen.Type = Text(ref json)),
        ("stream_id", static (ref json, seen) => (seen.HasLane, seen.Lane) = (!json.IsNull, Text(ref json))),
        ("previous_response_id", static (ref json, seen) => seen.Previous = Text(ref json)));

    /// <summary>Null: the frame is broken or names a lane that cannot be, so no lane may be touched.</summary>
    public static RejectedFrame? Look(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        var seen = new Seen();
        try
        {
            var json = new JsonCursor(utf8, limits);
            json.Read();
            json.Object(Fields, seen);
            json.ReadEnd();
        }
        catch (Exception unreadable) when (unreadable is JsonException or ApiException)
        {
            return null;
        }
        if (seen.HasLane && (seen.Lane is null || !LaneId.IsName(seen.Lane))) return null;
        var isCreate = seen.Type is null or "response.create";
        return new RejectedFrame(new LaneId(seen.Lane), isCreate && seen.Previous is { Length: > 0 } id ? new ResponseId(id) : null);
    }

    private static string? Text(ref JsonCursor json)
    {
        if (json.Token == JsonTokenType.String) return json.Text;
        json.Skip();
        return null;
    }

    private sealed class Seen
    {
        public string? Type { get; set; }
        public bool HasLane { get; set; }
        public string? Lane { get; set; }
        public string? Previous { get; set; }
    }
}
