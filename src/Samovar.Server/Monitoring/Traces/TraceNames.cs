using Samovar.Tracing;

namespace Samovar.Server.Monitoring.Traces;

/// <summary>What stages are called outside, who works on them, and what their amounts are.</summary>
internal static class TraceNames
{
    public const string Server = "server", Engine = "engine", Upstream = "upstream", Socket = "socket";
    public static readonly string[] Tracks = [Server, Engine, Upstream, Socket];
    private static readonly string[] Names = // one word each
        [.. Enum.GetNames<TraceStage>().Select(static name => name.ToLowerInvariant())];

    public static string Of(TraceStage stage) => Names[(int)stage];

    /// <param name="isOfUpstream">Whether the turn ran at an upstream.</param>
    public static string TrackOf(TraceStage stage, bool isOfUpstream) => stage switch
    {
        TraceStage.Receive or TraceStage.Write => Socket,
        TraceStage.Connect or TraceStage.Send => Upstream,
        TraceStage.Place or TraceStage.Decode => isOfUpstream ? Upstream : Engine,
        TraceStage.Restore or TraceStage.Prefill => Engine,
        _ => Server,
    };

    public static string? UnitOf(TraceStage stage) => stage switch
    {
        TraceStage.Receive or TraceStage.Read or TraceStage.Send or TraceStage.Write or TraceStage.Store => "bytes",
        TraceStage.Match => "items",
        TraceStage.Render => "characters",
        TraceStage.Tokenise or TraceStage.Restore or TraceStage.Prefill or TraceStage.Decode => "tokens",
        _ => null,
    };
}
