using System.Text.Json;
using System.Text.Unicode;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire;

/// <summary>What every event of an upstream must be before anybody reads it, since slices of its bytes go on to clients.</summary>
internal static class EventCheck
{
    /// <summary>The event, if it is UTF-8, an object, and nested no deeper than an answer may be.</summary>
    /// <exception cref="UpstreamException">It is not.</exception>
    public static RawJson Checked(ReadOnlyMemory<byte> data)
    {
        data = NotNumbers.AsNull(data);
        var json = new RawJson(data);
        if (!Utf8.IsValid(data.Span)) throw Malformed("what is not UTF-8");
        if (!json.IsObject) throw Malformed("what is not a JSON object");
        if (JsonDepth.IsBeyond(data, ProtocolLimits.Default)) throw Malformed("JSON that is nested too deep");
        return json;
    }

    /// <summary>An event that goes on whole, in bytes of its own: read to its end first, for clients will.</summary>
    /// <exception cref="JsonException">It is broken somewhere.</exception>
    public static RawJson Whole(RawJson json)
    {
        var cursor = new JsonCursor(json.Utf8, ProtocolLimits.Peer);
        cursor.Read();
        cursor.Skip();
        cursor.ReadEnd();
        return json.Copied();
    }

    // What stands in an annotation, or in a citation in it, is deeper in a response than it was in its event.
    private static readonly ProtocolLimits Inside = ProtocolLimits.Default with { DepthMax = ProtocolLimits.Default.DepthMax - 16 };

    /// <summary>Whether a part of an event, an object, may stand inside an item: clients can still read the response then.</summary>
    public static bool FitsInside(RawJson json) => json.IsObject && !JsonDepth.IsBeyond(json.Utf8, Inside);

    private static UpstreamException Malformed(string what) => new(new UpstreamFault(FaultKind.Malformed, $"The upstream sent {what}."));
}
