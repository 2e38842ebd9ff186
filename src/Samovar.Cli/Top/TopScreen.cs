using System.Globalization;
using Samovar.Server.Http;
using Samovar.Server.Monitoring.Status;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Samovar.Cli.Top;

/// <summary>A report as a screen: what matters most stands first, and what a narrow terminal has no room for is left out.</summary>
internal static class TopScreen
{
    /// <param name="before">An earlier report, for rates; null shows none.</param>
    /// <param name="width">Characters of a line.</param>
    /// <param name="requestsMax">Requests that are shown.</param>
    public static IRenderable Of(StatusReport report, StatusReport? before, int width, int requestsMax)
    {
        var parts = new List<IRenderable> { Line(Head(report)), Line(Sessions(report)), Line(Bytes(report, before)) };
        if (report.Engine is { } engine) parts.Add(Line(Engine(engine)));
        if (report.Store is { } store) parts.Add(Line(Store(store)));
        if (report.Running is { } running) parts.Add(Line(Running(running)));
        if (report.Cluster is { } cluster) parts.Add(Line(Cluster(cluster)));
        if (report.Models is { } models) parts.AddRange([Line(""), Models(models, report, before, width)]);
        foreach (var pool in report.Pools ?? []) parts.AddRange([Line(""), Pool(pool, width)]);
        if (report.Requests.Count > 0 && requestsMax > 0) parts.AddRange([Line(""), Requests(report, width, requestsMax)]);
        return new Rows(parts);
    }

    private static string Head(StatusReport report)
    {
        var uptime = TimeSpan.FromSeconds(Math.Floor(report.UptimeSeconds)).ToString("g", CultureInfo.InvariantCulture);
        var whose = report.Tenant is { } tenant ? $"  tenant {Figures.Plain(tenant)} only" : "";
        return $"Samovar {Figures.Plain(report.Version.Split('+')[0])}  up {uptime}{(report.Draining ? "  DRAINING" : "")}{whose}";
    }

    private static string Sessions(StatusReport report)
    {
        var (now, turns) = (report.Sessions, report.Turns);
        return $"sockets {now.Open}  lanes {now.Lanes}  running {now.Running}  queued {now.Queued}  " +
            $"turns {Figures.Count(turns.Ended)}  failed {Figures.Count(turns.Failed)}";
    }

    private static string Bytes(StatusReport report, StatusReport? before)
    {
        var now = report.Turns;
        var seconds = before is null ? 0 : (report.At - before.At).TotalSeconds;
        return $"in {Amount(turns => turns.BytesIn)}  out {Amount(turns => turns.BytesOut)}  up {Amount(turns => turns.BytesUp)}  " +
            $"back {Amount(turns => turns.BytesBack)}  cached {Figures.Share(now.CachedTokens, now.InputTokens)} of " +
            $"{Figures.Count(now.InputTokens)} input tokens  output {Figures.Count(now.OutputTokens)}";

        string Amount(Func<TurnStatus, long> read) => seconds <= 0 ? Figures.Bytes(read(now))
            : $"{Figures.Bytes(read(now))} ({Figures.Bytes(Math.Max(0, read(now) - read(before!.Turns)) / seconds)}/s)";
    }

    private static string Engine(EngineStatus engine)
    {
        var now = engine.Counters;
        return $"engine {Figures.Plain(engine.Model)}  streams {now.StreamsBusy}/{engine.Streams} busy, {now.StreamsHeld} held  " +
            $"queued {now.TurnsQueued}  refused {Figures.Count(now.Refusals)}  " +
            $"parked {Figures.Bytes(now.ParkedBytes)}/{Figures.Bytes(now.ParkedBytesMax)}  " +
            $"prompt {Figures.Count(now.PrefilledTokens)} computed, {Figures.Count(now.CachedTokens)} cached";
    }

    private static Table Models(
        IReadOnlyList<ServedModelStatus> models, StatusReport report, StatusReport? before, int width) => TopTable.Of(
        [
            "model", "state", "uses", "waiting", "memory", "KV", "tok/s", "streams", "unused", "prompt computed/cached", "parked", "loads",
            "took", "why",
        ],
        [.. models.Select(one => new[]
        {
            Figures.Plain(one.Name), one.State, Figures.Count(one.Uses), Figures.Count(one.Waiting), Figures.Bytes(one.Bytes),
            one is { Streams: { } all, ContextTokens: { } each, Counters: { } held }
                ? Figures.Share(held.StreamTokens, (long)all * each) : "",
            Speed(one, report, before), one is { Streams: { } streams, Counters: { } busy } ? $"{busy.StreamsBusy}/{streams}" : "",
            one is { Uses: 0, LastUsed: { } last } ? Figures.Time((report.At - last).TotalMilliseconds) : "",
            one.Counters is { } sum ? $"{Figures.Count(sum.PrefilledTokens)}/{Figures.Count(sum.CachedTokens)}" : "",
            Figures.Bytes(one.Counters?.ParkedBytes ?? 0), Figures.Count(one.Loads),
            one.LoadSeconds is { } seconds ? Figures.Time(seconds * 1000) : "", Figures.Plain(one.Fault ?? one.Template?.Fault),
        })], width);

    /// <summary>Output tokens per second since the report before.</summary>
    private static string Speed(ServedModelStatus one, StatusReport report, StatusReport? before)
    {
        var earlier = before?.Models?.FirstOrDefault(model => model.Name == one.Name)?.Counters;
        if (one.Counters is not { } now || earlier is null || (report.At - before!.At).TotalSeconds is not (> 0 and var seconds)) return "";
        return Figures.Count((long)Math.Round(Math.Max(0, now.OutputTokens - earlier.OutputTokens) / seconds));
    }

    private static string Store(StoreStatus store) =>
        $"store {Figures.Plain(store.Kind)}{Away(store)}  waiting {Figures.Of(store.Waiting, store.WaitingMax)}  " +
        $"in memory {Figures.Count(store.CachedResponses)} responses, " +
            $"{Figures.Bytes(store.CachedBytes)}/{Figures.Bytes(store.CachedBytesMax)}";

    private static string Away(StoreStatus store) => store.AwaySince is not { } since ? ""
        : $"  AWAY since {since.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}: {Figures.Plain(store.Reason)}";

    private static string Running(RunningStatus now) =>
        $"background {now.BackgroundRunning} running, {Figures.Of(now.BackgroundQueued, now.BackgroundQueuedMax)} queued  " +
        $"to be read again {now.ReplayRunning} running, {now.ReplayOver} over, " +
        $"{Figures.Bytes(now.ReplayBytes)}/{Figures.Bytes(now.ReplayBytesMax)}  read again {Figures.Count(now.Resumed)}";

    private static string Cluster(ClusterStatus cluster)
    {
        var states = cluster.Nodes.GroupBy(node => node.State, StringComparer.Ordinal).OrderBy(state => state.Key, StringComparer.Ordinal)
            .Select(state => $"{state.Count()} {state.Key}");
        return $"node {Figures.Plain(cluster.Node)} {cluster.State}  of {string.Join(", ", states)}  " +
            $"relayed {Figures.Count(cluster.RelayedOut)} out, {Figures.Count(cluster.RelayedIn)} in  " +
            $"chains taken over {Figures.Count(cluster.Takeovers.Sum(pair => pair.Value))}";
    }

    private static Table Pool(PoolStatus pool, int width) => TopTable.Of(
        [
            $"pool {Figures.Plain(pool.Name)}{Waiting(pool)}", "running", "state", "first", "cached", "req/min", "tok/min", "tries", "up",
            "back", "faults",
        ],
        [.. pool.Destinations.Select(one => new[]
        {
            Figures.Plain(one.Name), Figures.Of(one.InFlight, one.InFlightMax), State(one), Figures.Time(one.FirstOutputMs),
            Figures.Share(one.CachedTokens, one.InputTokens), Figures.Of(one.RequestsInMinute, one.RequestsPerMinute),
            Figures.Of(one.TokensInMinute, one.TokensPerMinute), Figures.Count(one.Attempts), Figures.Bytes(one.BytesUp),
            Figures.Bytes(one.BytesBack), Faults(one),
        })], width);

    private static string Waiting(PoolStatus pool) => pool.Waiting > 0 ? $", {Figures.Of(pool.Waiting, pool.WaitingMax)} wait" : "";

    private static string State(DestinationStatus one) => one.Refusal is not { } refusal ? "fit"
        : Figures.Plain(one.RetryAfterSeconds is > 0 and var seconds ? $"{refusal} {Figures.Time(seconds * 1000)}" : refusal);

    private static string Faults(DestinationStatus one) =>
        one.LastFault is { } last ? $"{Figures.Count(one.Faults)} {Figures.Plain(last)}" : Figures.Count(one.Faults);

    private static Table Requests(StatusReport report, int width, int requestsMax) => TopTable.Of(
        ["at", "outcome", "total", "first", "queued", "in/cached/out", "destination", "model", "tenant", "why"],
        [.. report.Requests.Take(requestsMax).Select(one => new[]
        {
            one.At.ToString("HH:mm:ss", CultureInfo.InvariantCulture), Figures.Plain(one.Outcome), Figures.Time(one.TotalMs),
            Figures.Time(one.FirstTokenMs), Figures.Time(one.QueuedMs),
            $"{Figures.Count(one.InputTokens)}/{Figures.Count(one.CachedTokens)}/{Figures.Count(one.OutputTokens)}",
            Figures.Plain(one.Destination), Figures.Plain(one.Model), Figures.Plain(one.Tenant), Why(one),
        })], width);

    /// <summary>
    /// What was out of the ordinary: error, failed attempts, reason of a miss, the kind of turn; else how the destination was found.
    /// </summary>
    private static string Why(RequestStatus one)
    {
        string?[] reasons =
        [
            one.Error, .. one.Faults, one.Miss is { } miss ? "miss:" + miss : null, one.Background ? "background" : null,
            one.Resumed > 0 ? "resumed" : null, one.CompactionForm is { } form ? $"{form}:{one.Compaction}" : null,
        ];
        var text = string.Join(' ', reasons.OfType<string>());
        return Figures.Plain(text.Length > 0 ? text : one.Affinity);
    }

    private static Text Line(string text) => new(text) { Overflow = Overflow.Fold };
}
