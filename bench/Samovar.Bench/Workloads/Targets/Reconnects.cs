using Samovar.Bench.Stub;

namespace Samovar.Bench.Workloads.Targets;

/// <summary>A client whose connection ends behind each turn, as laptops and load balancers make it: whether the next one goes on.</summary>
internal static class Reconnects
{
    private const int AddedBytes = 2000;

    public static async Task<ReconnectFigures> MeasureAsync(
        Target target, TargetUpstreams upstreams, TargetMode mode, int turns, CancellationToken stop)
    {
        await using var conversation = new TargetConversation(target, mode);
        var (goneOn, resent, lost, refusal) = (0, 0, 0, default(string));
        var before = await upstreams.CountsAsync();
        for (var turn = 1; turn <= turns; turn++)
        {
            var text = Speech.OfLength(AddedBytes, mode.Seed + 7000 + turn);
            var said = await conversation.SayAsync(text, stop);
            if (said.Error is null && turn > 1) goneOn++;
            if (said.Error is { } error)
            {
                refusal ??= ModeProbe.Short(error);
                if ((await conversation.SayAsync(text, stop, sendsAll: true)).Error is null) resent++;
                else lost++;
            }
            await conversation.DropAsync();
        }
        return new ReconnectFigures(mode, turns - 1, goneOn, resent, lost, refusal,
            HistoryCosts.Difference(before, await upstreams.CountsAsync()));
    }
}

/// <summary>What became of the turns behind a new connection.</summary>
/// <param name="GoneOn">Turns that sent their own text alone and were answered.</param>
/// <param name="Resent">Turns that were answered when everything was sent again.</param>
/// <param name="Refusal">The first one's words; null where there was none.</param>
internal sealed record ReconnectFigures(
    TargetMode Mode, int Turns, int GoneOn, int Resent, int Lost, string? Refusal, StubCounts Upstream);
