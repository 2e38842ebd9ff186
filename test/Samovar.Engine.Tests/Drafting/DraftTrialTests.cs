using Samovar.Engine.Decoding;
using Samovar.Engine.Drafting;
using Samovar.Engine.Native;
using Samovar.Engine.States;
using Samovar.Engine.Tests.Kinds;
using Samovar.Engine.Tokens;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Drafting;

/// <summary>What batches cost is measured once, and nothing of it stays.</summary>
public sealed class DraftTrialTests
{
    [Fact]
    public void Trial_KnowsEverySize_AndLeavesTheStreamEmpty()
    {
        using var model = EngineLab.LoadModel(WeightType.Q8);
        var shape = new ContextShape(1024, 2, 48, 1, "f16") { DraftTokens = 40 };
        using var context = new LlamaContext(model, shape);
        var costs = new DraftTrial(context, null, shape, 1, TimeProvider.System).Run(40, DraftCosts.Processor);
        Assert.Equal(DraftCosts.Sizes.Count, costs.Batches.Count);
        Assert.Equal(1, costs.Batches[0]);
        Assert.All(costs.Batches, cost => Assert.True(cost > 0 && double.IsFinite(cost)));
        Assert.Equal([0, 0], new[] { context.Length(0), context.Length(1) });
    }

    /// <summary>Cells of images' positions name their tokens.</summary>
    [Fact]
    public void Trial_KnowsWhatDepthCosts_WhereCellsNameTheirTokens()
    {
        using var model = KindLab.LoadModel("qwen3vl");
        var shape = new ContextShape(1024, 2, 48, 1, "f16") { DraftTokens = 40 };
        using var context = new LlamaContext(model, shape);
        var layout = LayoutProbe.Learn(context, new Tokenizer(model.Vocabulary, new UseGate("test"), words: null), shape.Streams).Layout;
        Assert.True(layout?.HasTokens);
        var costs = new DraftTrial(context, layout, shape, 1, TimeProvider.System).Run(40, DraftCosts.Processor);
        Assert.True(costs.IsMeasured);
    }

    [Fact]
    public void TimeThatIsUp_LeavesWhatIsUsual()
    {
        using var model = EngineLab.LoadModel(WeightType.Q8);
        var shape = new ContextShape(1024, 2, 48, 1, "f16") { DraftTokens = 40 };
        using var context = new LlamaContext(model, shape);
        Assert.Same(DraftCosts.Processor, new DraftTrial(context, null, shape, 1, new LeapingTime()).Run(40, DraftCosts.Processor));
    }

    [Theory]
    [InlineData("measured")]
    [InlineData("always")]
    public async Task EqualRequests_HaveOneArray_ComputedOrCached_ThoughBatchesHaveOtherSums(string policy)
    {
        await using var engine = EngineLab.Start(options =>
        {
            options.ModelPath = RandomModel.Ensure(
                Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32, seed: 1, DraftLab.Rings);
            (options.Threads, options.DecodeThreads, options.ContextTokens) = (2, 2, 2048);
            (options.DraftTokensMax, options.DraftPolicy) = (40, policy);
        });
        var prompt = TokenPath.Empty.Append(DraftLab.Rings.Take(1, 0, 600)); // beyond 512 cells a lone token's sums are split by threads
        var arrays = new HashSet<string>();
        for (var request = 0; request < 9; request++)
        {
            var scope = request % 3 == 0 ? $"own {request}" : "shared";
            var (end, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, 60, scope: scope));
            arrays.Add($"{end.DraftedTokens} {DraftLab.Text(end, steps)}");
        }
        Assert.Single(arrays);
        if (policy == "always") Assert.True(engine.Counters.AcceptedTokens > 9 * 40);
    }

    /// <summary>A machine on which every look at the clock is a second later.</summary>
    private sealed class LeapingTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => ++_now;
    }
}
