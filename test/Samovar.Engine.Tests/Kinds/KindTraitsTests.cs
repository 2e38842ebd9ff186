using Samovar.Engine.Native;
using Samovar.Engine.States;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>What is found out of a model's memory at load: how its state is written, where it may be cut, what it takes.</summary>
public sealed class KindTraitsTests
{
    private const int Window = 256, Held = 700;

    [Theory]
    [InlineData("llama", MemoryKind.Plain, nameof(LiveCut.Anywhere), nameof(CheckpointPart.None))]
    [InlineData("qwen3vl", MemoryKind.Plain, nameof(LiveCut.Anywhere), nameof(CheckpointPart.None))]
    [InlineData("gemma3", MemoryKind.SlidingWindow, nameof(LiveCut.WithinWindow), nameof(CheckpointPart.AtEnd))]
    [InlineData("gpt-oss", MemoryKind.SlidingWindow, nameof(LiveCut.WithinWindow), nameof(CheckpointPart.AtEnd))]
    [InlineData("lfm2", MemoryKind.Hybrid, nameof(LiveCut.AtCheckpoints), nameof(CheckpointPart.AtEnd))]
    [InlineData("granitehybrid", MemoryKind.Hybrid, nameof(LiveCut.AtCheckpoints), nameof(CheckpointPart.AtEnd))]
    [InlineData("falcon-h1", MemoryKind.Hybrid, nameof(LiveCut.AtCheckpoints), nameof(CheckpointPart.AtEnd))]
    [InlineData("qwen35", MemoryKind.Hybrid, nameof(LiveCut.AtCheckpoints), nameof(CheckpointPart.AtEnd))]
    [InlineData("qwen3next", MemoryKind.Hybrid, nameof(LiveCut.AtCheckpoints), nameof(CheckpointPart.AtEnd))]
    [InlineData("mamba2", MemoryKind.Recurrent, nameof(LiveCut.AtCheckpoints), nameof(CheckpointPart.Whole))]
    public async Task Engine_FindsOutHowAModelRemembers_AndWhatThatTakes(string architecture, MemoryKind kind, string cut, string part)
    {
        await using var engine = KindLab.Start(architecture, options => options.KvType = "f16");
        var (traits, shape) = (engine.Traits, StateShape.Of(GgufMetadata.Read(engine.Model.Path)));
        Assert.Equal((kind, cut, part), (traits.Kind, traits.Cut.ToString(), traits.Checkpoints.ToString()));
        Assert.Equal(kind == MemoryKind.Recurrent, engine.Layout is null);
        Assert.Equal((kind, kind != MemoryKind.Plain), (engine.Model.MemoryKind, engine.Model.WantsMarks));
        Assert.Equal(shape.BytesPerToken, engine.Model.StateBytesPerToken);
        Assert.InRange(engine.Model.StateBytesPerSequence, shape.BytesPerSequence, shape.BytesPerSequence + 1024);
    }

    /// <summary>The library cuts wherever it is told to, and what it holds then is wrong without a word.</summary>
    [Fact]
    public unsafe void Window_MayBeCutWhereItIsStillThere_AndNowhereElse()
    {
        using var model = KindLab.LoadModel("gemma3");
        using var context = new LlamaContext(
            model, new ContextShape(1024, 2, 1024, 1, "f16"));
        var traits = StateTraits.Of(model, new ProbedState(null, 1, 1, 0), StateHandling.Rows);
        Assert.Equal(Window, traits.WindowTokens);
        var tokens = KindLab.Tokens(new Random(3), Held);
        for (var at = 0; at < Held; at++) context.Add(tokens[at], at, 0, output: false);
        Assert.Equal(DecodeResult.Done, context.Decode());
        Assert.True(traits.CanCut(context, 0, Held, 1) && traits.CanCut(context, 0, Held, Held - Window - 10)); // all cells are there

        var state = new byte[context.StateSize(0)];
        fixed (byte* saved = state)
        {
            Assert.Equal(state.Length, context.SaveState(0, saved, state.Length));
            Assert.True(context.LoadState(1, saved, state.Length));
        }
        Assert.True(traits.CanCut(context, 1, Held, Held) && traits.CanCut(context, 1, Held, Held - 1));
        Assert.False(traits.CanCut(context, 1, Held, Held - 2));
        Assert.False(traits.CanCut(context, 1, Held, Held + 1));
    }
}
