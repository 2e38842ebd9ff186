using System.Text.Json;
using System.Text.Unicode;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Json;

/// <summary>What must hold for the bytes of an upstream's event, since slices of them go on to clients.</summary>
internal static class PeerEvent
{
    /// <exception cref="JsonException">It is not an object, or not UTF-8.</exception>
    public static void Check(RawJson e)
    {
        if (!e.IsObject) throw new JsonException("An event is a JSON object.");
        if (!Utf8.IsValid(e.Utf8.Span)) throw new JsonException("An event is UTF-8.");
    }

    /// <summary>An event that goes on whole, in bytes of its own: read to its end first, for clients will.</summary>
    /// <exception cref="JsonException">It is broken somewhere, or nests too deep.</exception>
    public static RawJson Whole(RawJson e)
    {
        var json = new JsonCursor(e.Utf8, ProtocolLimits.Peer);
        json.Read();
        json.Skip();
        json.ReadEnd();
        return e.Copied();
    }
}
