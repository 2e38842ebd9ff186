using Samovar.Engine.Llama;
using Samovar.Engine.Tests.Disk;
using Samovar.Engine.Tests.Kinds;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>Prefixes that are warmed, and turns that begin with them.</summary>
internal static class WarmLab
{
    public const int PrefixTokens = 100, OwnTokens = 40; // every short window is left
    public static readonly PrefixRoom Plenty = new(1L << 40, 1L << 40);

    public static TokenPath Behind(TokenPath prefix, int seed) => DiskLab.Again(prefix, 1000 + seed, OwnTokens);

    public static EngineTurnSpec Spec(TokenPath prompt, string scope = "a") =>
        DiskLab.Spec(prompt, isStored: false, scope: scope, output: 6);

    public static EngineTurnSpec Warming(TokenPath prefix, string scope, PrefixRoom room, bool isStored) =>
        DiskLab.Spec(prefix, isStored: isStored, scope: scope, output: 0) with
        {
            Keeps = room, Marks = [new PromptMark(prefix.Length, MarkKind.StableStart)],
        };

    public static async Task<PrefixKeeping?> KeepAsync(
        LlamaEngine engine, TokenPath prefix, string scope, PrefixRoom room, bool isStored = false)
    {
        var (end, _) = await EngineLab.RunAsync(engine, Warming(prefix, scope, room, isStored));
        end.Pin!.Dispose();
        return end.Keeping;
    }

    public static async Task<KeptPrefix> WarmAsync(
        LlamaEngine engine, TokenPath prefix, string scope = "a", PrefixRoom? room = null, bool isStored = false) =>
        Assert.IsType<PrefixKeeping.Kept>(await KeepAsync(engine, prefix, scope, room ?? Plenty, isStored)).Prefix;

    public static async Task<EngineTurnEnd> RunAsync(LlamaEngine engine, TokenPath prompt, string scope = "a")
    {
        var (end, _) = await EngineLab.RunAsync(engine, Spec(prompt, scope));
        end.Pin!.Dispose();
        return end;
    }

    /// <summary>Others, one after the other, that want all memory there is.</summary>
    public static async Task CrowdAsync(LlamaEngine engine, int seed, int turns)
    {
        for (var at = 0; at < turns; at++)
            await EngineLab.RunAsync(engine, Spec(DiskLab.Prompt(seed + at, PrefixTokens), scope: "crowd"));
    }

    /// <summary>Host memory for about three prompts.</summary>
    public static async Task<LlamaEngine> SmallAsync(string architecture)
    {
        await using var probe = KindLab.StartExact(architecture, windowShare: KindLab.ShortWindows);
        var (perToken, perSequence) = (probe.Model.StateBytesPerToken, probe.Model.StateBytesPerSequence);
        return KindLab.StartExact(
            architecture, options => options.ParkedBytesMax = 4 * perSequence + 15 * PrefixTokens / 4 * (long)perToken + (1 << 14),
            KindLab.ShortWindows);
    }

    public static async Task OnThreadAsync(LlamaEngine engine, Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.Loop.Ask(() =>
        {
            work();
            done.SetResult();
        });
        await Soon.In(done.Task);
    }
}
