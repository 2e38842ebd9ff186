using Samovar.Tracing;

namespace Samovar.Server.Monitoring.Traces;

/// <summary>What stages are called outside, who works on them, and what their amounts are.</summary>
internal static class TraceNames
{
    public const string Server = "server", Engine = "engine", Upstream = "upstream", Socket = "socket", Compaction = "compaction";
    public static readonly string[] Tracks = [Server, Compaction, Engine, Upstream, Socket];
    private static readonly string[] Names = // one word each
        [.. Enum.GetNames<TraceStage>().Select(static name => name.ToLowerInvariant())];

    public static string Of(TraceStage stage) => Names[(int)stage];

    /// <param name="isOfUpstream">Whether the turn ran at an upstream.</param>
    public static string TrackOf(TraceStage stage, bool isOfUpstream) => stage switch
    {
        TraceStage.Receive or TraceStage.Write => Socket,
        TraceStage.Compact => Compaction,
        TraceStage.Connect or TraceStage.Send => Upstream,
        TraceStage.Place or TraceStage.Decode => isOfUpstream ? Upstream : Engine,
        TraceStage.Restore or TraceStage.Prefill => Engine,
        _ => Server,
    };

    public static string? UnitOf(TraceStage stage) => stage switch
    {
        TraceStage.Receive or TraceStage.Read or TraceStage.Send or TraceStage.Tool or TraceStage.Write or TraceStage.Store => "bytes",
        TraceStage.Match => "items",
        TraceStage.Render => "characters",
        TraceStage.Compact or TraceStage.Tokenise or TraceStage.Restore or TraceStage.Prefill or TraceStage.Decode => "tokens",
        _ => null,
    };
}
