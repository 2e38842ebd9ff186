using Samovar.Bench.Clients;
using Samovar.Bench.Samples;
using Samovar.Bench.Stub;

namespace Samovar.Bench.Workloads.Targets;

/// <summary>
/// Long conversations through the target and at an upstream directly, turn by turn in alternation: time to the first output and in all
/// behind a history, bytes that went up, connections that were opened.
/// </summary>
internal sealed class HistoryCosts(Target target, Target direct, TargetUpstreams upstreams, int turns)
{
    private const int AddedBytes = 400;

    /// <param name="historyBytes">What the first turn brings.</param>
    /// <param name="round">No other round says the same.</param>
    public async Task<HistoryRound> MeasureAsync(TargetMode mode, int historyBytes, int round, CancellationToken stop)
    {
        await using var through = new TargetConversation(target, mode);
        await using var bare = new TargetConversation(direct, mode);
        var samples = new List<TurnSample>();
        var before = await upstreams.CountsAsync();
        for (var turn = 1; turn <= turns; turn++)
        {
            var text = Speech.OfLength(turn == 1 ? historyBytes : AddedBytes, mode.Seed + historyBytes + round * 10_007 + turn);
            var isLate = turn % 2 == 0; // who comes second finds warmer caches
            var first = await SayAsync(isLate ? bare : through, isLate ? direct : target);
            var second = await SayAsync(isLate ? through : bare, isLate ? target : direct);
            if (!first || !second) break;

            async Task<bool> SayAsync(TargetConversation conversation, Target who)
            {
                var figures = await conversation.SayAsync(text, stop);
                samples.Add(Sample(CellOf(mode, historyBytes, who), round, turn, figures));
                return figures.Error is null;
            }
        }
        var after = await upstreams.CountsAsync();
        return new HistoryRound(samples, Difference(before, after));
    }

    /// <summary>Where the samples of a measurement belong.</summary>
    public static SampleCell CellOf(TargetMode mode, int historyBytes, Target who) =>
        new($"history-{historyBytes / 1000}k", mode.Name, who.Name, "lan");

    private static TurnSample Sample(SampleCell cell, int round, int turn, TurnFigures figures) => new()
    {
        Cell = cell, Round = round, Turn = turn, Requests = 1, Error = figures.Error is { } error ? ModeProbe.Short(error) : null,
        BytesUp = figures.BytesUp,
        BytesDown = figures.BytesDown,
        FirstTokenMs = figures.FirstOutput?.TotalMilliseconds,
        TotalMs = figures.Total.TotalMilliseconds,
        InputTokens = figures.InputTokens,
        PrefilledTokens = figures.InputTokens - figures.CachedTokens,
        OutputTokens = figures.OutputTokens,
    };

    public static StubCounts Difference(IReadOnlyList<StubCounts> before, IReadOnlyList<StubCounts> after)
    {
        long Of(Func<StubCounts, long> count) => after.Sum(count) - before.Sum(count);
        return new StubCounts(Of(one => one.Wholes), Of(one => one.Deltas), Of(one => one.UnknownParents), Of(one => one.BytesIn),
            Of(one => one.Sockets), Of(one => one.SocketsOpened), Of(one => one.Connections));
    }
}

/// <summary>One conversation through the target and one beside it.</summary>
/// <param name="Upstream">What the target's destinations counted meanwhile.</param>
internal sealed record HistoryRound(IReadOnlyList<TurnSample> Samples, StubCounts Upstream);
