using Samovar.Bench.Clients;
using Samovar.Bench.Workloads.Gateway;
using Samovar.Testing.Servers;

namespace Samovar.Bench.Tests;

/// <summary>Each gateway workload at its smallest: that it measures what it says. Never how fast.</summary>
public sealed class GatewayWorkloadTests
{
    [Fact]
    public async Task Affinity_IsSeenInTheCachedShare_AndWithoutItNothingIsCached()
    {
        var rows = await new AffinityWorkload(Accounts: 2, Conversations: 3, Turns: 2).MeasureAsync();
        Assert.Equal(6, rows.Count);
        Assert.All(rows, row =>
        {
            Assert.Equal(0, row.Failures);
            Assert.Equal(0, row.Shares[0]); // every conversation begins differently
            Assert.InRange(row.Shares[1], row.HasAffinity ? 0.85 : 0, row.HasAffinity ? 0.95 : 0);
        });
    }

    [Theory]
    [InlineData("WebSocket")]
    [InlineData("Sse")]
    public async Task Accounts_ServeManyConversations_WithoutFailureOrResend(string wire)
    {
        const int PerAccount = 8, Accounts = 2, Turns = 3;
        var workload = new AccountsWorkload([PerAccount], Accounts, Turns, InFlight: 8, []);
        var figures = await workload.MeasureAsync(PerAccount, Enum.Parse<Wire>(wire));
        Assert.Equal((0, 0, 0L, 0L), (figures.Failures, figures.Retries, figures.WholeAgain, figures.UnknownParents));
        Assert.Empty(figures.Reasons);
        Assert.Equal((PerAccount * Accounts * Turns) + 1, figures.Records.Count);
        Assert.Equal(PerAccount * Accounts * (Turns - 1), figures.Counts.Sum(count => count.Deltas));
        Assert.InRange(figures.Sockets, PerAccount * Accounts, (PerAccount * Accounts) + 1); // one for each chain, the warm-up's beside
    }

    [Fact]
    public async Task Soak_LeavesNoMoreAliveThanIsCounted()
    {
        SoakFigures? last = null;
        await foreach (var figures in new SoakWorkload(Conversations: 12, Turns: 12, Rounds: 2).MeasureAsync()) last = figures;
        Assert.Equal(0, last!.Failures);
        Assert.InRange(last.Held, 1 << 20, long.MaxValue);
        Assert.InRange(last.LiveForHeld, 0.05, SoakWorkload.LiveForHeldMax);
    }

    [Fact]
    public async Task Unread_HoldsWhatItsBoundsAllow_HoweverLongTheAnswersAre()
    {
        const long TurnBytes = 3 << 20; // its window, and what the sockets' buffers and compressors take
        foreach (var figures in await new UnreadWorkload(Clients: 4, AnswerBytes: 60_000_000, TimeSpan.FromSeconds(3)).MeasureAsync())
        {
            Assert.True(figures.Live - figures.LiveBefore <= 17 * TurnBytes); // what lived before may have been collected meanwhile
            Assert.InRange(figures.Logs, 1, 17 * TurnBytes);
        }
    }

    [Fact]
    public async Task Latency_ComparesTheSameTurns_SequentialAndAtOnce()
    {
        const int Turns = 12;
        var workload = new LatencyWorkload(null, [Wire.WebSocket, Wire.Sse, Wire.Json], Turns, InFlight: 2, Rounds: 1)
        {
            PhaseTurns = Turns, WarmUpMax = 0,
        };
        Assert.All(await workload.MeasureAsync(atOnce: 1), figures =>
            Assert.All(figures.Targets, target => Assert.Equal(Turns, target.Times.Count)));
        Assert.All(await (workload with { Wires = [Wire.Sse] }).MeasureAsync(atOnce: 2), figures =>
        {
            Assert.All(figures.Targets, target => Assert.Single(target.Rates));
            Assert.All(figures.Samovars, target => Assert.True(target.Costs.AllocatedBytes > 0));
        });
    }

    [Fact]
    public async Task Delta_GoesUpAsItCameIn()
    {
        const int Turns = 6;
        var rows = await new DeltaWorkload(ResponsesStub.Folder, Turns).MeasureAsync();
        Assert.All(rows, row =>
        {
            Assert.Equal((Turns, 0), (row.Records.Count, row.WholeAgain));
            Assert.Equal(row.BytesCounted, row.BytesUp); // the upstream's own count
            Assert.True(row.BytesStateless > row.BytesIn, row.ToString());
        });
        var (samovar, others) = (rows.Where(row => row.Upstream == "Samovar"), rows.Where(row => row.Upstream != "Samovar"));
        Assert.All(others.Where(row => row.Client is "public" or "Codex-like"), row => Assert.InRange(row.Ratio, 0.95, 1.05));
        Assert.All(samovar, row => Assert.InRange(row.Ratio, 0.01, 1.1));
    }

    [Fact]
    public async Task IdleSockets_KeepNoMoreUpstreamSocketsThanAllowed()
    {
        var figures = await new UpstreamIdleWorkload(Sockets: 20, Kept: 10, WarmUp: 5, SettlingSeconds: 0).MeasureAsync();
        Assert.Equal((0, 10L), (figures.Failures, figures.Kept));
        Assert.True(figures.After.Live > 0 && figures.After.Resident > figures.After.Live, figures.ToString());
    }

    [Fact]
    public async Task Relay_CountsEveryEvent()
    {
        const int Deltas = 20;
        var rows = await new RelayWorkload(Deltas, Rounds: 1).MeasureAsync();
        Assert.Equal(4, rows.Count);
        Assert.All(rows, row => Assert.True(row.Events > Deltas, row.ToString()));
    }
}
