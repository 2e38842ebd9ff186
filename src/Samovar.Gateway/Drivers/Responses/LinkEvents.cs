using Samovar.Client.Events;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>The client's events as the upstream wrote them.</summary>
internal static class LinkEvents
{
    /// <summary>
    /// Null for what the client says by itself: where a response was found whole, its end has all that its events had not.
    /// </summary>
    public static RawJson? JsonOf(TurnEvent e) => e switch
    {
        { Json.IsEmpty: false } => e.Json,
        TurnEvent.Completed { Response: var whole } => End(e.Type, whole),
        TurnEvent.Incomplete { Response: var whole } => End(e.Type, whole),
        TurnEvent.Failed { Response: var whole } => End(e.Type, whole),
        _ => null,
    };

    private static RawJson End(string type, ResponseView whole) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.Raw("response"u8, whole.Json);
        writer.WriteEndObject();
    });
}
