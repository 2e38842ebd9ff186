using Samovar.Engine.Llama;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>Compares what an engine holds with what another one computes from the same tokens: rows and checkpoints, in streams and in host
/// memory, byte by byte.</summary>
/// <param name="cold">Computes; nothing else may run on it.</param>
internal sealed class StateCheck(LlamaEngine cold)
{
    private static int _computed;

    /// <summary>Looks at everything that is held, or at so many places at random.</summary>
    /// <returns>How many places were compared.</returns>
    public async Task<int> CheckAsync(LlamaEngine engine, Random random, int most)
    {
        var held = new List<HeldBytes>();
        await EngineAudit.AskAsync(engine, () =>
        {
            foreach (var slot in engine.Streams.Slots)
                if (slot is { Leaf: { } leaf, Length: > 0 }) held.Add(HeldBytes.Of(engine, slot, leaf));
            var kept = engine.Tree.Roots.SelectMany(Below).Where(segment => segment.IsParked).OrderBy(_ => random.Next()).Take(most);
            foreach (var segment in kept) held.Add(HeldBytes.Of(engine, segment));
        });
        foreach (var one in held) await CompareAsync(one);
        return held.Count;
    }

    private async Task CompareAsync(HeldBytes held)
    {
        var (end, _) = await EngineLab.RunAsync(cold, new EngineTurnSpec
        {
            Namespace = $"state {Interlocked.Increment(ref _computed)}", Prompt = TokenPath.Empty.Append(held.Tokens), OutputTokensMax = 0,
        });
        Assert.Equal(0, end.CachedTokens);
        HeldBytes? right = null;
        await EngineAudit.AskAsync(cold, () => right = HeldBytes.Of(cold, cold.Streams.Slots[0], cold.Streams.Slots[0].Leaf!));
        end.Pin?.Dispose();
        held.AssertSame(right!);
    }

    private static IEnumerable<Segment> Below(Segment segment) =>
        segment.Children.SelectMany(child => Below(child).Prepend(child));
}
