using Samovar.Protocol.Ids;
using Samovar.Turns;

namespace Samovar.Server.Peers;

/// <summary>Where nodes speak with each other, on the listener that their clients use.</summary>
internal static class PeerPaths
{
    public const string Turns = "/cluster/turns";
    public const string MessagesTurns = "/cluster/messages/turns";
    public const string Cancel = Turns + "/{id}/cancel";
    public const string Steer = Turns + "/{id}/steer";
    public const string Events = Turns + "/{id}/events";
    public const string Responses = "/cluster/responses/{id}";
    public const string CancelResponse = Responses + "/cancel";

    /// <summary>What stands before the path of a request that is passed on as it came.</summary>
    public const string Requests = "/cluster/http";

    /// <summary>The header that says whose share of places such a request's turn takes.</summary>
    public const string FlowHeader = "samovar-flow";

    /// <summary>The field of the query that names what was said to a turn.</summary>
    public const string SteerField = "steer_id";

    /// <summary>The header that says whose turn or response is asked for.</summary>
    public const string TenantHeader = "samovar-tenant";

    /// <summary>The header with the key of a turn's client, where clients' keys go on to upstreams. Never logged.</summary>
    public const string ClientKeyHeader = "samovar-client-key";

    /// <summary>Where turns are sent whose clients speak that: a node of a version that knows only the Responses API says there that it
    /// takes none, and does not read them as what they are not.</summary>
    public static string TurnsOf(ClientApi api) => api == ClientApi.Messages ? MessagesTurns : Turns;

    public static string Of(string pattern, ResponseId id) =>
        pattern.Replace("{id}", Uri.EscapeDataString(id.Value), StringComparison.Ordinal);
}
