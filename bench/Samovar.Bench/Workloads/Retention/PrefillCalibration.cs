using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>Measures what prompts of a model cost by their length, in the engine.</summary>
internal static class PrefillCalibration
{
    private const int Rounds = 3;

    public static async Task<PrefillCost> MeasureAsync(string model, int[] lengths)
    {
        var options = new EngineOptions { ModelPath = model, ContextTokens = lengths.Max() + 64, Streams = 1 };
        await using var engine = LlamaEngine.Load(options, TimeProvider.System);
        var measured = new List<(double Tokens, double Seconds)>();
        var table = new Table("tokens of a prompt", "seconds", "as fitted");
        foreach (var length in lengths)
        {
            var runs = new List<double>();
            for (var round = 0; round < Rounds; round++) runs.Add(await SecondsAsync(engine, length, round));
            measured.Add((length, Figures.Median(runs)));
        }
        var cost = PrefillCost.Fit(measured);
        foreach (var (tokens, seconds) in measured)
            table.Row(Figures.Show(tokens), Figures.Show(seconds, 3), Figures.Show(cost.Seconds(0, tokens), 3));
        Console.WriteLine();
        return cost;
    }

    private static async Task<double> SecondsAsync(LlamaEngine engine, int tokens, int round)
    {
        var began = TimeProvider.System.GetTimestamp();
        var turn = EngineTurns.Begin(engine, EngineTurns.Prompt(engine.Tokenizer, tokens, tokens + round), $"{tokens} {round}", 1);
        var end = await turn.Ended;
        end.Pin?.Dispose();
        return TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }
}
