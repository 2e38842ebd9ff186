using Samovar.Bench.Links;
using Samovar.Bench.Samples;
using Samovar.Bench.Story;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Tests;

/// <summary>The airplane story at its smallest: what it counts, never how fast.</summary>
public sealed class StoryWorkloadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-story-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AnswerThatIsCut_IsReadOn_WithoutMakingOrSendingItAgain()
    {
        var plan = new StoryPlan
        {
            Turns = [2], CutTurn = 3, SilenceMax = TimeSpan.FromSeconds(2),
            Kinds = [TransportKind.HttpWhole, TransportKind.HttpStored, TransportKind.SocketBare],
        };
        var samples = await MeasureAsync(plan);
        Assert.All(samples, sample => Assert.Null(sample.Error));
        Assert.Equal(3 + 3 + 3 + 2, samples.Count);
        foreach (var kind in plan.Kinds)
        {
            var uncut = Of(samples, StoryWorkload.Uncut, kind);
            var again = Of(samples, StoryWorkload.Again, kind);
            Assert.Equal((0, 1), (uncut!.Resumes, again!.Resumes));
            Assert.Equal(2 * uncut.OutputTokens, again.OutputTokens);
            var sentWhole = kind == TransportKind.HttpStored ? StoryPlan.HistoryBytes(1) : StoryPlan.HistoryBytes(3);
            Assert.InRange(again.BytesUp - uncut.BytesUp, sentWhole, StoryPlan.HistoryBytes(4));
            if (Of(samples, StoryWorkload.ReadOn, kind) is not { } readOn) continue;
            Assert.Equal((1, uncut.OutputTokens), (readOn.Resumes, readOn.OutputTokens));
            Assert.InRange(readOn.BytesUp - uncut.BytesUp, -1000, 2000);
        }
    }

    [Fact]
    public async Task TurnThatTakesTooLong_IsATimeout_AndTheRestGoesOn()
    {
        var samples = await MeasureAsync(new StoryPlan
        {
            Turns = [2], CutTurn = 2, TurnMax = TimeSpan.FromMilliseconds(900), Kinds = [TransportKind.ChatWhole, TransportKind.Socket],
        });
        Assert.All(samples, sample => Assert.Equal("timeout", sample.Error));
        Assert.Equal(2 + 2 + 2 + 1, samples.Count);
    }

    private async Task<IReadOnlyList<TurnSample>> MeasureAsync(StoryPlan plan)
    {
        var run = RunFolder.Open(_folder, RunFacts.Here("test", TimeProvider.System));
        await new StoryWorkload(plan, run, LinkMethod.Userspace).RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal("userspace", RunFolder.Read(_folder).Facts.LinkMethod);
        return run.Samples();
    }

    private static TurnSample? Of(IEnumerable<TurnSample> samples, string workload, TransportKind kind) =>
        samples.SingleOrDefault(sample => sample.Cell.Workload == workload && sample.Cell.Transport == kind.Name);
}
