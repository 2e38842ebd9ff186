namespace Samovar.Metering;

/// <summary>
/// Names of labels, and what an instrument says of those it carries. What the OpenTelemetry GenAI conventions name is named as they do;
/// what they do not know begins with <c>samovar.</c>.
/// </summary>
internal static class Labels
{
    public const string Operation = "gen_ai.operation.name";
    public const string Provider = "gen_ai.provider.name";
    public const string RequestModel = "gen_ai.request.model";
    public const string ResponseModel = "gen_ai.response.model";
    public const string TokenType = "gen_ai.token.type";
    public const string ErrorType = "error.type";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";

    public const string Affinity = "samovar.affinity";
    public const string Destination = "samovar.destination";
    public const string Direction = "samovar.direction";
    public const string File = "samovar.file";
    public const string Matched = "samovar.matched";
    public const string Form = "samovar.form";
    public const string Limit = "samovar.limit";
    public const string MemoryShare = "samovar.memory_share";
    public const string Method = "samovar.method";
    public const string MissCause = "samovar.miss_cause";
    public const string Outcome = "samovar.outcome";
    public const string Pool = "samovar.pool";
    public const string Queue = "samovar.queue";
    public const string Quota = "samovar.quota";
    public const string Reason = "samovar.reason";
    public const string Sent = "samovar.sent";
    public const string State = "samovar.state";
    public const string Tenant = "samovar.tenant";
    public const string TokenKind = "samovar.token_kind";
    public const string ToolMethod = "samovar.tool_method";
    public const string ToolServer = "samovar.tool_server";

    /// <summary>The instrument's own tag that lists its labels; no exporter passes it on.</summary>
    public const string OfInstrument = "labels";

    /// <summary>For an instrument's <c>tags</c>: docs/metrics.md is generated from it, and a test holds measurements to it.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> Are(params string[] names) => [new(OfInstrument, names)];
}
