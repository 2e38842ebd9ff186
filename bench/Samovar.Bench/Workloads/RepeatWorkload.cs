using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;

namespace Samovar.Bench.Workloads;

/// <summary>
/// The same request at temperature 0, again and again and alone: how many different arrays of log-probabilities come out, and what the way
/// to choose threads costs.
/// </summary>
internal sealed record RepeatWorkload(string Model, int[] Threads, int Requests, int PromptTokens, int OutputTokens)
{
    public async Task RunAsync()
    {
        var table = new Table("threads", "policy", "requests", "arrays, prompt computed each time", "arrays, prompt cached",
            "first token p50 ms", "each further token p50 ms");
        foreach (var threads in Threads)
            foreach (var policy in threads == 1 ? (string[])["fixed"] : ["fixed", "adaptive"])
                await MeasureAsync(threads, policy, table);
    }

    private async Task MeasureAsync(int threads, string policy, Table table)
    {
        var options = new EngineOptions { ModelPath = Model, ContextTokens = 4096, Streams = 2, Threads = threads, ThreadPolicy = policy };
        await using var engine = LlamaEngine.Load(options, TimeProvider.System);
        var prompt = EngineTurns.Prompt(engine.Tokenizer, PromptTokens, seed: 1);
        var (firsts, laters) = (new List<double>(), new List<double>());
        var computed = new HashSet<string>();
        var cached = new HashSet<string>();
        for (var request = 0; request < Requests; request++)
        {
            var (array, first) = await RunAsync(engine, prompt, $"own {request}", laters);
            computed.Add(array);
            firsts.Add(first);
            cached.Add((await RunAsync(engine, prompt, "shared", laters)).Array);
        }
        table.Row(Figures.Show(threads), policy, Figures.Show(Requests), Figures.Show(computed.Count), Figures.Show(cached.Count),
            Figures.Show(Figures.Median(firsts), 1), Figures.Show(Figures.Median(laters), 2));
    }

    private async Task<(string Array, double First)> RunAsync(LlamaEngine engine, TokenPath prompt, string scope, List<double> laters)
    {
        var began = TimeProvider.System.GetTimestamp();
        var turn = EngineTurns.Begin(engine, prompt, scope, OutputTokens, logprobs: true);
        var array = new List<string>();
        await foreach (var step in turn.Steps.ReadAllAsync())
        {
            array.Add($"{step.Token}:{string.Join(',', step.Top!.Select(top => BitConverter.SingleToInt32Bits(top.LogProb)))}");
        }
        var end = await turn.Ended;
        end.Pin?.Dispose();
        laters.Add((TimeProvider.System.GetElapsedTime(began) - end.FirstToken).TotalMilliseconds / (array.Count - 1));
        return (string.Join(' ', array), end.FirstToken.TotalMilliseconds);
    }

}
