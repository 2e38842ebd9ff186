using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Testing.Engines.Talks;
using Samovar.Testing.Models;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Bench.Workloads;

/// <summary>A fleet of sub-agents that begin at once with one start: what they compute and how long they wait, where the start was warmed
/// before and where it was not; at first, and when others have filled the memory since.</summary>
/// <remarks>Rounds are interleaved, each on an engine of its own; figures are medians over the rounds, with the lowest and the
/// highest.</remarks>
/// <param name="Folder">Where the models are.</param>
/// <param name="Kinds">Whose memory.</param>
/// <param name="Sizes">Tokens of the start, of each one's own question, and of its answer.</param>
/// <param name="Agents">How many there are.</param>
/// <param name="Rounds">How often it is measured.</param>
internal sealed record FleetWorkload(string Folder, IReadOnlyList<ModelKind> Kinds, TalkSizes Sizes, int Agents, int Rounds)
{
    private const int Streams = 4, ContextTokens = 8192, Others = 12, MemoryFor = 8;

    public async Task RunAsync()
    {
        Console.WriteLine($"{Agents} agents at once, a start of {Sizes.Start} tokens, {Sizes.Question} in and {Sizes.Answer} out each, "
            + $"{Streams} streams, host memory for {MemoryFor} such starts; later: when {Others} others of that length have run since. "
            + $"Medians of {Rounds} rounds (lowest–highest).");
        var table = new Table("kind", "fleet", "start", "warmed: computed", "prefilled", "prefilled / new", "first token p50 ms", "p95 ms");
        foreach (var kind in Kinds) await MeasureAsync(kind, table);
    }

    private async Task MeasureAsync(ModelKind kind, Table table)
    {
        var measured = new Dictionary<(bool IsLater, bool IsWarm), List<Fleet>>();
        for (var round = 0; round < Rounds; round++)
            foreach (var isWarm in (bool[])[false, true])
            {
                var (first, later) = await RoundAsync(kind, isWarm, round);
                Add((false, isWarm), first);
                Add((true, isWarm), later);
            }
        foreach (var ((isLater, isWarm), fleets) in measured.OrderBy(static one => one.Key))
            table.Row(kind.Architecture, isLater ? "later" : "first", isWarm ? "warm" : "not warmed",
                isWarm && !isLater ? Figures.Show(fleets[0].Warmed) : "-", Spread(fleets, static fleet => fleet.Prefilled),
                Figures.Show(Figures.Median(fleets.Select(static fleet => fleet.Prefilled / fleet.New)), 2),
                Spread(fleets, static fleet => Figures.Median(fleet.FirstTokens), 1),
                Spread(fleets, static fleet => Figures.Percentile(fleet.FirstTokens, 0.95), 1));

        void Add((bool, bool) of, Fleet fleet)
        {
            if (!measured.TryGetValue(of, out var fleets)) measured[of] = fleets = [];
            fleets.Add(fleet);
        }
    }

    private async Task<(Fleet First, Fleet Later)> RoundAsync(ModelKind kind, bool isWarm, int seed)
    {
        await using var engine = Load(kind);
        var random = new Random(seed);
        var start = Prompt(random, Sizes.Start);
        await RunAsync(engine, Prompt(random, Sizes.Question)); // what an engine finds out at its start is nobody's wait
        var warmed = isWarm ? await WarmAsync(engine, start) : 0;
        var first = await FleetAsync(engine, start, random);
        for (var at = 0; at < Others; at++) await RunAsync(engine, Prompt(random, Sizes.Start));
        return (first with { Warmed = warmed }, await FleetAsync(engine, start, random));
    }

    private static async Task<int> WarmAsync(LlamaEngine engine, TokenPath start)
    {
        var room = new PrefixRoom(engine.Counters.ParkedBytesMax / 2, engine.Counters.ParkedBytesMax / 2);
        var end = await RunAsync(engine, start, 0, room);
        return end.Keeping is PrefixKeeping.Kept ? end.PrefilledTokens : throw new InvalidOperationException("The start is not kept.");
    }

    private async Task<Fleet> FleetAsync(LlamaEngine engine, TokenPath start, Random random)
    {
        var prompts = Enumerable.Range(0, Agents).Select(_ => start.Append(Tokens(random, Sizes.Question))).ToList();
        var ends = await Task.WhenAll(prompts.Select(prompt => RunAsync(engine, prompt, Sizes.Answer)));
        return new Fleet(ends.Sum(static end => (double)end.PrefilledTokens), (double)Agents * Sizes.Question,
            [.. ends.Select(static end => end.FirstToken.TotalMilliseconds)]);
    }

    private static async Task<EngineTurnEnd> RunAsync(LlamaEngine engine, TokenPath prompt, int answer = 1, PrefixRoom? keeps = null)
    {
        var admission = engine.Begin(new EngineTurnSpec
        {
            Namespace = "fleet", Prompt = prompt, OutputTokensMax = answer, Keeps = keeps,
            Marks = [new PromptMark(prompt.Length, MarkKind.StableStart)],
            Sampling = new SamplingSettings { Temperature = 0, LogitBias = KindModel.EndTokens.ToDictionary(token => token, _ => -1000f) },
        });
        var turn = admission is EngineAdmission.Admitted admitted ? admitted.Turn
            : throw new InvalidOperationException($"The engine does not take the turn: {admission}.");
        while (await turn.Steps.WaitToReadAsync(CancellationToken.None))
            while (turn.Steps.TryRead(out _)) { }
        var end = await turn.Ended;
        end.Pin?.Dispose();
        return end;
    }

    private LlamaEngine Load(ModelKind kind)
    {
        var path = KindModel.Ensure(Folder, kind, type: WeightType.Q8);
        var shape = StateShape.Of(GgufMetadata.Read(path));
        return LlamaEngine.Load(
            new EngineOptions
            {
                ModelPath = path, ContextTokens = ContextTokens, Streams = Streams,
                ParkedBytesMax = MemoryFor * (shape.BytesPerToken * Sizes.Start + shape.BytesPerSequence),
            }, TimeProvider.System);
    }

    private static TokenPath Prompt(Random random, int count) => TokenPath.Empty.Append(Tokens(random, count));

    private static int[] Tokens(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(KindModel.TextBegin, KindModel.TextEnd))];

    private static string Spread(List<Fleet> fleets, Func<Fleet, double> figure, int digits = 0)
    {
        var all = fleets.Select(figure).ToList();
        return $"{Figures.Show(Figures.Median(all), digits)} ({Figures.Show(all.Min(), digits)}–{Figures.Show(all.Max(), digits)})";
    }

    /// <param name="New">Tokens that no turn before had there, the start apart.</param>
    private sealed record Fleet(double Prefilled, double New, IReadOnlyList<double> FirstTokens)
    {
        /// <summary>Tokens that warming the start computed.</summary>
        public int Warmed { get; init; }
    }
}
