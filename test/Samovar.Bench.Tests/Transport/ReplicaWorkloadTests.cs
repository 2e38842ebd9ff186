using Samovar.Bench.Links;
using Samovar.Bench.Samples;
using Samovar.Bench.Stub;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Tests.Transport;

/// <summary>Whose turns find their prompt in a cache where the provider has several replicas.</summary>
public sealed class ReplicaWorkloadTests : IDisposable
{
    private const int Turns = 6, Replicas = 4;
    private static readonly TransportBackend Fast = TransportBackend.All.Single(backend => backend.Name == "provider-1000");
    private static readonly AgentTask Task =
        AgentTask.Even("small", "", Turns, newBytes: 1200, outputBytes: 60, instructions: 3000, tools: 2400);

    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-runs-").FullName;

    [Fact]
    public async Task WholeHistories_MeetColdReplicas_AndWhatContinuesDoesNot()
    {
        var samples = await RunAsync(Fast.With(new ReplicaPlan(Replicas)), TransportKind.HttpDirect, TransportKind.HttpStoredDirect,
            TransportKind.SocketDirect, TransportKind.HttpWhole, TransportKind.ChatWhole, TransportKind.Socket, TransportKind.SocketPosted);
        Assert.All(samples, sample => Assert.Null(sample.Error));
        Assert.All(samples, sample => Assert.Equal("provider-1000-x4", sample.Cell.Backend));
        foreach (var kind in samples.GroupBy(sample => sample.Cell.Transport))
            foreach (var turn in kind.Where(turn => turn.Turn > 1))
            {
                var isCold = kind.Key == "http-direct" && turn.Turn <= Replicas;
                Assert.True(isCold == (turn.PrefilledTokens == turn.InputTokens), $"{kind.Key}, turn {turn.Turn}: {turn.PrefilledTokens}");
            }
        var back = samples.Single(turn => turn.Cell.Transport == "http-direct" && turn.Turn == Replicas + 1);
        Assert.InRange(back.PrefilledTokens, 3 * back.NewTokens, 5 * back.NewTokens); // the replica knows the first turn alone
    }

    [Fact]
    public async Task Key_KeepsWholeHistoriesWarm_WhereItIsHonoured()
    {
        var samples = await RunAsync(Fast.With(new ReplicaPlan(Replicas, HonoursKey: true)), TransportKind.HttpDirect,
            TransportKind.HttpWhole, TransportKind.ChatWhole);
        Assert.All(samples, sample => Assert.Null(sample.Error));
        Assert.All(samples.Where(turn => turn.Turn > 1), turn => Assert.InRange(turn.PrefilledTokens, 1, 2 * turn.NewTokens));
    }

    [Fact]
    public async Task Content_IsTheLeastThatATransportSends()
    {
        var samples = await RunAsync(Fast, TransportKind.Socket, TransportKind.SocketBare, TransportKind.SocketBareDeflate);
        Assert.All(samples, turn => Assert.InRange(turn.ContentBytes, turn.Turn == 1 ? 6000 : 1200, turn.Turn == 1 ? 7000 : 1200));
        long Of(string transport, Func<TurnSample, long> value) => samples.Where(turn => turn.Cell.Transport == transport).Sum(value);
        Assert.InRange(Of("ws-bare", turn => turn.BytesUp - turn.ContentBytes), 1, 2000); // a handshake, frames, and what keeps it open
        Assert.True(Of("ws-bare-deflate", turn => turn.BytesUp) < Of("ws-bare", turn => turn.ContentBytes) / 2);
        Assert.InRange(Of("ws-bare-deflate", turn => turn.ContentDeflatedBytes), 1, Of("ws-bare-deflate", turn => turn.BytesUp));
    }

    [Fact]
    public async Task OpenedAhead_TheFirstTurnFindsItsConnection()
    {
        var samples = await RunAsync(Fast, TransportKind.HttpAhead, TransportKind.SocketAhead, TransportKind.SocketPosted);
        Assert.All(samples, sample => Assert.Null(sample.Error));
        int Opened(string transport) => samples.Where(turn => turn.Cell.Transport == transport).Sum(turn => turn.Handshakes);
        Assert.Equal((0, 0, 2), (Opened("http-ahead"), Opened("ws-ahead"), Opened("ws-stored-posted")));
    }

    [Fact]
    public void Speed_IsReadOffTheNameOfAProvider()
    {
        Assert.Equal(10_000, TransportBackend.SpeedOf("provider-65-x64-prefix-key")!.PrefillTokens);
        var slow = TransportBackend.All[0].Reading(4500).With(new ReplicaPlan(4));
        Assert.Equal(("provider-65-prefill4500-x4", 4500.0), (slow.Name, TransportBackend.SpeedOf(slow.Name)!.PrefillTokens));
        Assert.Null(TransportBackend.SpeedOf("engine"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<IReadOnlyList<TurnSample>> RunAsync(TransportBackend backend, params TransportKind[] kinds)
    {
        var run = RunFolder.Open(Path.Combine(_folder, "run"), RunFacts.Here("test", TimeProvider.System));
        await new TransportWorkload(new TransportPlan(_ => [Task], kinds, [backend], [LinkShape.Lan], Rounds: 1), run, "", atOnce: 2,
            hasTls: false, new NoScreen()).RunAsync(TestContext.Current.CancellationToken);
        return run.Samples();
    }
}
