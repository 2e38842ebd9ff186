using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Scheduling.Fairness;

namespace Samovar.Bench.Workloads;

/// <summary>
/// What grammars cost: how long each takes to compile, how long the tokens of a turn under it take, and the longest gap in the tokens of a
/// turn without a grammar beside it.
/// </summary>
internal sealed record GrammarsWorkload(string Model, int Tokens, TimeSpan LimitOfEach)
{
    private const int PromptTokens = 64;
    private const int WarmTokens = 20;

    public async Task RunAsync()
    {
        var options = new EngineOptions { ModelPath = Model, ContextTokens = 16_384, Streams = 2 };
        await using var engine = LlamaEngine.Load(options, TimeProvider.System);
        var table = new Table("grammar", "characters", "compiled ms", "tokens", "token p50 ms", "worst ms",
            "gap beside p50 ms", "worst ms", "end");
        foreach (var one in GrammarCases.All) table.Row(await MeasureAsync(engine, one));
    }

    private async Task<string[]> MeasureAsync(LlamaEngine engine, GrammarCase one)
    {
        var started = TimeProvider.System.GetTimestamp();
        var gbnf = one.Write();
        var sampling = new SamplingSettings { Temperature = 1, Seed = 1, Grammar = gbnf };
        var refusal = await engine.PrepareAsync(sampling, new FlowId("bench"), CancellationToken.None);
        var compiled = TimeProvider.System.GetElapsedTime(started);
        if (refusal is not null)
            return [one.Name, Figures.Show(gbnf.Length), Milliseconds(compiled), "", "", "", "", "", "refused: " + refusal];
        var plain = Begin(engine, 1, new SamplingSettings { Temperature = 1, Seed = 2, LogitBias = NoEnds(engine.Tokenizer) },
            int.MaxValue);
        for (var warm = 0; warm < WarmTokens; warm++) await plain.Steps.ReadAsync();
        var beside = GapsAsync(plain);
        var held = Begin(engine, 2, sampling, Tokens);
        using var limit = new CancellationTokenSource(LimitOfEach);
        await using var cut = limit.Token.UnsafeRegister(_ => held.Cancel(), null);
        var own = await GapsAsync(held);
        plain.Cancel();
        var (end, gaps) = (await held.Ended, await beside);
        end.Pin?.Dispose();
        (await plain.Ended).Pin?.Dispose();
        return [one.Name, Figures.Show(gbnf.Length), Milliseconds(compiled), Figures.Show(end.OutputTokens),
            Show(Figures.Median(own)), Show(Worst(own)), Show(Figures.Median(gaps)), Show(Worst(gaps)),
            end.GrammarFault ?? end.Failure ?? end.Kind.ToString()];
    }

    private static EngineTurn Begin(LlamaEngine engine, int seed, SamplingSettings sampling, int tokens)
    {
        var random = new Random(seed);
        var prompt = TokenPath.Empty.Append(Enumerable.Range(0, PromptTokens).Select(_ => random.Next(300, 1000)).ToArray());
        var spec = new EngineTurnSpec { Namespace = "bench" + seed, Prompt = prompt, OutputTokensMax = tokens, Sampling = sampling };
        return engine.Begin(spec) is EngineAdmission.Admitted admitted ? admitted.Turn
            : throw new InvalidOperationException("The engine did not take a turn.");
    }

    private static async Task<List<double>> GapsAsync(EngineTurn turn)
    {
        var gaps = new List<double>();
        var last = TimeProvider.System.GetTimestamp();
        await foreach (var _ in turn.Steps.ReadAllAsync())
        {
            gaps.Add(TimeProvider.System.GetElapsedTime(last).TotalMilliseconds);
            last = TimeProvider.System.GetTimestamp();
        }
        return gaps;
    }

    private static Dictionary<int, float> NoEnds(ITokenizer tokenizer) =>
        Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsEndOfGeneration).ToDictionary(token => token, _ => -1000f);

    private static double Worst(List<double> gaps) => gaps.DefaultIfEmpty(double.NaN).Max();

    private static string Milliseconds(TimeSpan time) => Show(time.TotalMilliseconds);

    private static string Show(double value) => Figures.Show(value, 1);
}
