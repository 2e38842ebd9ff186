using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;

namespace Samovar.Bench.Workloads;

/// <summary>
/// The time between two tokens of a turn, alone and while other turns' long prompts are computed beside it: what
/// <c>Engine:DecodeDelayMax</c> promises.
/// </summary>
internal sealed record GapsWorkload(string Model, int[] PromptTokens, int Prompts, int Threads)
{
    private const int TalkingPrompt = 200, ContextTokens = 16_384, StreamTokensMax = 8_000;
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    public async Task RunAsync()
    {
        var options = new EngineOptions { ModelPath = Model, ContextTokens = ContextTokens, Streams = 2, Threads = Threads };
        await using var engine = LlamaEngine.Load(options, TimeProvider.System);
        Console.WriteLine($"DecodeDelayMax is {options.DecodeDelayMax.TotalMilliseconds:N0} ms.\n");
        var table = new Table("prompt beside it", "prompts", "tokens", "gap p50 ms", "p95", "p99", "max", "prompt's tokens/s");
        var run = 0;
        foreach (var tokens in PromptTokens) await MeasureAsync(engine, tokens, ++run, table);
    }

    private async Task MeasureAsync(LlamaEngine engine, int tokens, int run, Table table)
    {
        var talking = EngineTurns.Begin(engine, EngineTurns.Prompt(engine.Tokenizer, TalkingPrompt, run), $"talk {run}", StreamTokensMax);
        var (gaps, beside) = (new List<double>(), 0);
        var reading = Task.Run(() => ReadAsync(talking, gaps, () => Volatile.Read(ref beside) > 0 || tokens == 0));
        await Task.Delay(Settled);
        var (computed, began) = (0L, TimeProvider.System.GetTimestamp());
        for (var prompt = 0; prompt < Prompts; prompt++)
        {
            if (tokens == 0) await Task.Delay(Settled);
            else computed += await PrefillAsync(engine, tokens, $"{run} {prompt}", busy => Volatile.Write(ref beside, busy));
        }
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        talking.Cancel();
        await reading;
        table.Row(tokens == 0 ? "none" : Figures.Show(tokens), Figures.Show(Prompts), Figures.Show(gaps.Count),
            Figures.Show(Figures.Median(gaps), 1), Figures.Show(Figures.Percentile(gaps, 0.95), 1),
            Figures.Show(Figures.Percentile(gaps, 0.99), 1),
            Figures.Show(gaps.DefaultIfEmpty().Max(), 1), Figures.Show(computed / seconds));
    }

    private static async Task<int> PrefillAsync(LlamaEngine engine, int tokens, string scope, Action<int> beside)
    {
        beside(1);
        var turn = EngineTurns.Begin(engine, EngineTurns.Prompt(engine.Tokenizer, tokens, tokens), scope, outputTokens: 1);
        var end = await turn.Ended;
        beside(0);
        end.Pin?.Dispose();
        return end.PrefilledTokens;
    }

    private static async Task ReadAsync(EngineTurn turn, List<double> gaps, Func<bool> counts)
    {
        long? last = null;
        await foreach (var _ in turn.Steps.ReadAllAsync())
        {
            var now = TimeProvider.System.GetTimestamp();
            if (last is { } before && counts()) gaps.Add(TimeProvider.System.GetElapsedTime(before, now).TotalMilliseconds);
            last = now;
        }
        (await turn.Ended).Pin?.Dispose();
    }
}
