using Samovar.Engine.Llama;
using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.States;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests;

/// <summary>Engines on generated models for tests, and the shortest way to run a turn.</summary>
internal static class EngineLab
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "models");

    public static string ModelPath(WeightType type = WeightType.F32) => RandomModel.Ensure(Folder, RandomModelSize.Tiny, type);

    public static void NeedLibrary() => LabDevice.Need();

    public static LlamaEngine Start(
        Action<EngineOptions>? change = null, WeightType type = WeightType.F32, StateHandling handling = StateHandling.Rows,
        TimeProvider? time = null, byte[]? secret = null)
    {
        NeedLibrary();
        var options = new EngineOptions
        {
            ModelPath = ModelPath(type), ContextTokens = 1024, Streams = 2, Threads = 1, KvType = "f32",
            DraftTokensMax = 0, // F32 has other sums in other batches: a test that has drafts says so
        };
        LabDevice.Choose(options);
        change?.Invoke(options);
        return LlamaEngine.Load(options, time ?? TimeProvider.System, handling, secret is null ? null : [secret]);
    }

    public static LlamaModel LoadModel(WeightType type = WeightType.F32) => LabDevice.Load(ModelPath(type));

    /// <summary>Random ordinary tokens.</summary>
    public static int[] Tokens(Random random, int count)
    {
        var tokens = new int[count];
        for (var index = 0; index < count; index++) tokens[index] = random.Next(33, 500);
        return tokens;
    }

    public static TokenPath Prompt(Random random, int count) => TokenPath.Empty.Append(Tokens(random, count));

    /// <summary>A greedy turn that is not ended by chance: the end-of-generation tokens are biased away.</summary>
    public static EngineTurnSpec Spec(TokenPath prompt, int outputMax, SequencePin? pin = null, string scope = "a") => new()
    {
        Namespace = scope,
        Prompt = prompt,
        ContinueFrom = pin,
        OutputTokensMax = outputMax,
        Sampling = new SamplingSettings { Temperature = 0, TopLogprobs = 2, LogitBias = NoEnd },
    };

    public static IReadOnlyDictionary<int, float> NoEnd { get; } = new Dictionary<int, float> { [507] = -1000, [509] = -1000 };

    public static EngineTurn Begin(LlamaEngine engine, EngineTurnSpec spec) =>
        Assert.IsType<EngineAdmission.Admitted>(engine.Begin(spec)).Turn;

    public static async Task<(EngineTurnEnd End, List<TokenStep> Steps)> RunAsync(LlamaEngine engine, EngineTurnSpec spec)
    {
        var turn = Begin(engine, spec);
        return await ReadAsync(turn);
    }

    public static async Task<(EngineTurnEnd End, List<TokenStep> Steps)> ReadAsync(EngineTurn turn)
    {
        var steps = new List<TokenStep>();
        await foreach (var step in turn.Steps.ReadAllAsync(TestContext.Current.CancellationToken)) steps.Add(step);
        return (await turn.Ended, steps);
    }
}
