using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Scheduling.Fairness;

namespace Samovar.Bench.Workloads.Fairness;

/// <summary>
/// What turns do to each other in the engine: the intervals of sixteen that run at once, those beside a long prompt, prompts that come
/// together, and a quiet tenant's first token beside another's floods.
/// </summary>
/// <param name="Model">GGUF to measure.</param>
/// <param name="Parts">Which of them.</param>
/// <param name="Threads">Threads of a decode; 0 takes all cores, and the time that passes; else the processor's time counts.</param>
/// <param name="PromptTokens">Of the long prompt.</param>
/// <param name="Turns">Of the quiet tenant beside each flood.</param>
internal sealed record FairWorkload(string Model, IReadOnlyList<string> Parts, int Threads, int PromptTokens, int Turns)
{
    public static readonly string[] AllParts = ["sixteen", "beside", "together", "floods"];
    private const int Sixteen = 16, SixteenRounds = 4, FloodStreams = 4, QuietPrompt = 400, FloodAtOnce = 12;
    private readonly TimeProvider _time = Threads == 0 ? TimeProvider.System : new ProcessorTime();

    private static readonly Flood[] Floods =
    [
        new("none", 0, 0, false), new("long answers", 100, 600, false), new("long prompts", 6000, 4, false),
        new("drafts", 400, 600, true), new("a grammar", 100, 300, false) { Grammar = "root ::= ([a-z ]+ | [a-z0-9 ]+ | [a-z]* [ ]?)*" },
    ];

    public async Task RunAsync()
    {
        Console.WriteLine($"Engine:DecodeDelayMax is {new EngineOptions().DecodeDelayMax.TotalMilliseconds:N0} ms; times are those "
            + (Threads == 0 ? "that pass.\n" : "of the processor.\n"));
        if (Parts.Contains("sixteen")) await SixteenAsync();
        if (Parts.Contains("beside"))
        {
            var table = new Table("a prompt of", "turns that speak", "intervals", "mean ms", "p50", "p95", "max", "prompt's tokens/s");
            foreach (var speakers in new[] { 1, 4 }) await BesideAsync(speakers, table);
        }
        if (Parts.Contains("together")) await TogetherAsync();
        if (Parts.Contains("floods")) await FloodsAsync();
    }

    private async Task SixteenAsync()
    {
        await using var engine = Load(Sixteen, 4096, drafts: false);
        var log = new RoundLog(engine, _time);
        log.Begin(Sixteen - 4);
        await Task.WhenAll(Enumerable.Range(0, Sixteen).Select(number => Task.Run(() => TalkAsync(engine, number))));
        var (all, beside) = log.End();
        var table = new Table("rounds of sixteen turns", "intervals", "mean ms", "p50", "p95", "max", "max / mean");
        table.Row(["all", .. RoundLog.Row(all), Figures.Show(all.Max() / all.Average(), 2)]);
        table.Row(["with a part of a prompt", .. RoundLog.Row(beside), Figures.Show(beside.DefaultIfEmpty().Max() / all.Average(), 2)]);
        Console.WriteLine();
    }

    private async Task TalkAsync(LlamaEngine engine, int number)
    {
        var path = Prompt(engine, 100 + number * 20, number);
        for (var round = 0; round < SixteenRounds; round++)
        {
            var turn = Begin(engine, path, $"flow {number % 4}", $"talk {number}", 60 + (number * 37 + round * 11) % 80);
            var end = await ReadAsync(turn);
            path = end.Path.Append(Prompt(engine, 60 + (number * 53 + round * 29) % 150, number * 100 + round).ToArray());
        }
    }

    private async Task BesideAsync(int speakers, Table table)
    {
        await using var engine = Load(speakers + 1, PromptTokens + 1024, drafts: false);
        var log = new RoundLog(engine, _time);
        var talking = Enumerable.Range(0, speakers)
            .Select(number => Begin(engine, Prompt(engine, 200, number), "talk", $"talk {number}", PromptTokens)).ToList();
        var reading = talking.ConvertAll(turn => Task.Run(() => ReadAsync(turn)));
        foreach (var turn in talking) await turn.Started;
        while (talking.Exists(turn => turn.Progress.OutputTokens < 30)) await Task.Delay(10);
        log.Begin(speakers);
        var began = _time.GetTimestamp();
        var end = await ReadAsync(Begin(engine, Prompt(engine, PromptTokens, 1000), "read", "read", 1));
        var (all, _) = log.End();
        var seconds = _time.GetElapsedTime(began).TotalSeconds;
        foreach (var turn in talking) turn.Cancel();
        await Task.WhenAll(reading);
        table.Row([Figures.Show(PromptTokens), Figures.Show(speakers), .. RoundLog.Row(all), Figures.Show(end.PrefilledTokens / seconds)]);
    }

    private async Task TogetherAsync()
    {
        var table = new Table("prompts at once", "its own tokens", "first token ms alone", "together", "times as long");
        (string Name, string Flow, int Tokens)[] prompts =
        [
            ("long", "a", PromptTokens / 2), ("short, same tenant", "a", 300), ("short, another's", "b", 300),
            ("long, another's", "b", PromptTokens / 4),
        ];
        var alone = new List<double>();
        foreach (var (name, flow, tokens) in prompts)
        {
            await using var calm = Load(5, PromptTokens, drafts: false);
            alone.Add((await ReadAsync(Begin(calm, Prompt(calm, tokens, 7), flow, name, 1))).FirstToken.TotalMilliseconds);
        }
        await using var engine = Load(5, PromptTokens, drafts: false);
        var talking = Begin(engine, Prompt(engine, 200, 1), "c", "talk", PromptTokens / 2);
        var reading = Task.Run(() => ReadAsync(talking));
        await talking.Started;
        var turns = prompts
            .Select((prompt, at) => Begin(engine, Prompt(engine, prompt.Tokens, 10 + at), prompt.Flow, prompt.Name, 1)).ToList();
        for (var at = 0; at < turns.Count; at++)
        {
            var first = (await ReadAsync(turns[at])).FirstToken.TotalMilliseconds;
            table.Row(prompts[at].Name, Figures.Show(prompts[at].Tokens), Figures.Show(alone[at], 1), Figures.Show(first, 1),
                Figures.Show(first / alone[at], 2));
        }
        talking.Cancel();
        await reading;
        Console.WriteLine();
    }

    private async Task FloodsAsync()
    {
        var table = new Table("flood", "quiet turns", "first token p50 ms", "p95", "max", "p50 against none", "flood's tokens in each");
        double? calm = null;
        foreach (var flood in Floods)
        {
            await using var engine = Load(FloodStreams, 8192, flood.Repeats);
            using var over = new CancellationTokenSource();
            var running = flood.Prompt == 0 ? [] : Enumerable.Range(0, FloodAtOnce)
                .Select(number => Task.Run(() => FloodAsync(engine, flood, number, over.Token))).ToArray();
            while (flood.Prompt > 0 && engine.Counters.OutputTokens + engine.Counters.PrefilledTokens < 2000) await Task.Delay(10);
            var (first, before) = (new List<double>(), engine.Counters.OutputTokens);
            for (var turn = 0; turn < Turns; turn++)
            {
                var end = await ReadAsync(Begin(engine, Prompt(engine, QuietPrompt, 500 + turn), "quiet", $"quiet {turn}", 8));
                first.Add(end.FirstToken.TotalMilliseconds);
            }
            var flooded = engine.Counters.OutputTokens - before - 8 * Turns;
            await over.CancelAsync();
            await Task.WhenAll(running);
            calm ??= Figures.Median(first);
            table.Row(flood.Name, Figures.Show(Turns), Figures.Show(Figures.Median(first), 1),
                Figures.Show(Figures.Percentile(first, 0.95), 1), Figures.Show(first.Max(), 1),
                Figures.Show(Figures.Median(first) / calm.Value, 2), Figures.Show(flooded / (double)Turns, 1));
        }
    }

    private static async Task FloodAsync(LlamaEngine engine, Flood flood, int number, CancellationToken over)
    {
        for (var turn = 0; !over.IsCancellationRequested; turn++)
        {
            var prompt = Prompt(engine, flood.Repeats ? 40 : flood.Prompt, number * 1000 + turn);
            var first = prompt.ToArray();
            while (prompt.Length < flood.Prompt) prompt = prompt.Append(first);
            var running = Begin(engine, prompt, "flood", $"flood {number} {turn}", flood.Output, flood.Grammar);
            await using var ending = over.Register(running.Cancel);
            await ReadAsync(running);
        }
    }

    private LlamaEngine Load(int streams, int contextTokens, bool drafts)
    {
        var options = new EngineOptions { ModelPath = Model, ContextTokens = contextTokens, Streams = streams, Threads = Threads };
        if (!drafts) options.DraftTokensMax = 0;
        return LlamaEngine.Load(options, _time);
    }

    private static TokenPath Prompt(LlamaEngine engine, int tokens, int seed) => EngineTurns.Prompt(engine.Tokenizer, tokens, seed);

    private static EngineTurn Begin(LlamaEngine engine, TokenPath prompt, string flow, string scope, int output, string? grammar = null) =>
        EngineTurns.Begin(engine, prompt, scope, output, change: spec => spec with
        {
            Flow = new FlowId(flow), Sampling = spec.Sampling with { Grammar = grammar },
        });

    private static async Task<EngineTurnEnd> ReadAsync(EngineTurn turn)
    {
        await foreach (var _ in turn.Steps.ReadAllAsync()) { }
        var end = await turn.Ended;
        end.Pin?.Dispose();
        return end;
    }

    /// <param name="Prompt">Tokens of each prompt.</param>
    /// <param name="Output">Tokens of each answer.</param>
    /// <param name="Repeats">Whether the prompt repeats itself, and drafts are on.</param>
    private sealed record Flood(string Name, int Prompt, int Output, bool Repeats)
    {
        public string? Grammar { get; init; }
    }
}
