using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Engine.Retention;
using Samovar.Testing;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>
/// The same sessions through the simulator and through the engine, made small, with the same memory: what each computes again.
/// </summary>
/// <param name="model">A model whose state can be cut anywhere.</param>
/// <param name="tokensPerToken">Tokens of a session that become one.</param>
internal sealed class EngineRetentionWorkload(RetentionPlan plan, string model, int tokensPerToken)
{
    public async Task RunAsync()
    {
        var shapes = RetentionWorkload.Read(plan.Folder);
        if (shapes.Count == 0) throw new InvalidOperationException($"There is no trace in {plan.Folder}.");
        foreach (var pause in plan.PausesMax)
        {
            var played = shapes.Select(shape => pause == TimeSpan.Zero ? shape : shape.WithPausesUpTo(pause.TotalSeconds))
                .Select(shape => SmallShape.Of(shape, tokensPerToken)).ToList();
            Console.WriteLine(pause == TimeSpan.Zero ? "\n**Pauses as recorded**\n" : $"\n**Pauses up to {pause.TotalSeconds:N0} s**\n");
            await CompareAsync(played);
        }
    }

    private async Task CompareAsync(IReadOnlyList<SessionShape> shapes)
    {
        var table = new Table("memory", "seed", "who goes first", "computed again by the simulator", "by the engine", "engine to simulator",
            "simulator, of lru's", "engine, of lru's");
        foreach (var percent in plan.Percents)
            for (var seed = 1; seed <= plan.Seeds; seed++)
            {
                var live = Simulate(new FurthestNextUse(), long.MaxValue, shapes, seed);
                var blocksMax = (long)(live.BlocksMax * percent / 100);
                var lru = (Simulated: 0L, Real: 0L);
                foreach (var name in new[] { RetentionNames.Recency, RetentionNames.Value })
                {
                    var order = new PolicyOrder(RetentionPolicies.Create(name), PrefillCost.Measured); // what an engine begins with
                    var simulated = Simulate(order, blocksMax, shapes, seed).AgainBlocks;
                    var real = await PlayAsync(name, shapes, seed, blocksMax);
                    if (name == RetentionNames.Recency) lru = (simulated, real);
                    table.Row($"{percent:0.#} %", $"{seed}", name, $"{simulated:N0}", $"{real:N0}",
                        Figures.Show((double)real / simulated, 3), Figures.Show((double)simulated / lru.Simulated, 3),
                        Figures.Show((double)real / lru.Real, 3));
                }
            }
    }

    private ReplayFigures Simulate(IVictimOrder order, long blocksMax, IReadOnlyList<SessionShape> shapes, int seed) =>
        new Replay(order, blocksMax, PrefillCost.Measured) { HasOneStream = true }.Run(Sessions(shapes, seed));

    private IEnumerable<SessionPlay> Sessions(IReadOnlyList<SessionShape> shapes, int seed)
    {
        var arrivals = new Arrivals(shapes, plan.AtOnce, seed);
        return plan.Sessions == 0 ? arrivals.Recorded() : arrivals.Recorded().Take(plan.Sessions);
    }

    private async Task<long> PlayAsync(string policy, IReadOnlyList<SessionShape> shapes, int seed, long blocksMax)
    {
        var options = new EngineOptions
        {
            ModelPath = model, Retention = policy, Streams = 1, DraftTokensMax = 0,
            ContextTokens = shapes.Max(shape => shape.Turns.Max(turn => turn.Path.Sum(segment => shape.Segments[segment].Blocks))) + 64,
        };
        await using (var sized = LlamaEngine.Load(options, TimeProvider.System))
            options.ParkedBytesMax = blocksMax * (sized.Layout?.BytesPerToken
                ?? throw new InvalidOperationException("The state of this model cannot be cut anywhere: the simulator knows no other."));
        var time = new ManualTime();
        await using var engine = LlamaEngine.Load(options, time);
        return await new EngineReplay(engine, time).RunAsync(Sessions(shapes, seed));
    }
}
