using System.Runtime.CompilerServices;
using Samovar.Engine.Llama;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Tests.Sequences;

/// <summary>What one engine holds is nothing to another, and nothing of it is left when it ends.</summary>
public sealed class ForeignPinTests
{
    [Fact]
    public async Task PinOfAnotherEngine_IsNotGoneOnFrom_AndTheTurnIsTheSame()
    {
        var random = new Random(3);
        await using var one = EngineLab.Start();
        await using var other = EngineLab.Start();
        var (first, _) = await EngineLab.RunAsync(one, EngineLab.Spec(EngineLab.Prompt(random, 200), 8));
        await EngineLab.RunAsync(other, EngineLab.Spec(EngineLab.Prompt(random, 200), 8)); // its own tree is not empty
        var prompt = first.Path.Append(EngineLab.Tokens(random, 20));
        var (warm, said) = await EngineLab.RunAsync(one, EngineLab.Spec(prompt, 8, first.Pin));
        var (cold, again) = await EngineLab.RunAsync(other, EngineLab.Spec(prompt, 8, first.Pin));
        Assert.True(warm.CachedTokens > 200);
        Assert.Equal(0, cold.CachedTokens);
        Assert.Equal(said.Select(static step => step.Token), again.Select(static step => step.Token));
        EngineAudit.Check(one);
        EngineAudit.Check(other);
        var map = (await other.MapAsync([first.Pin!, warm.Pin!], 10, 0, TestContext.Current.CancellationToken))!;
        Assert.All(map.Places, static place => Assert.Equal(StatePlace.None, place));
    }

    [Fact]
    public async Task PinOfAnEndedEngine_LetsGoOfItsTree_AndMayStillBeDropped()
    {
        var ended = new List<(SequencePin Pin, WeakReference Tree)>();
        for (var i = 0; i < 4; i++) ended.Add(await EndedAsync());
        Assert.All(ended, static one => Assert.True(one.Pin.IsOver));
        Assert.All(ended, static one => Assert.Null(Assert.IsType<HeldPath>(one.Pin).Segment));
        for (var i = 0; i < 10; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        // The chains keep the pins, and the pins keep nothing; a thread of the pool may remember the last that it worked on.
        Assert.InRange(ended.Count(static one => one.Tree.IsAlive), 0, 2);
        var pin = ended[0].Pin;
        pin.Dispose();
        await using var next = EngineLab.Start();
        var (end, _) = await EngineLab.RunAsync(next, EngineLab.Spec(pin.Path.Append(new[] { 40, 41 }), 4, pin));
        Assert.Equal(0, end.CachedTokens);
        EngineAudit.Check(next);
    }

    [Fact]
    public async Task Engines_ShareOneProcess_AndEachKeepsItsOwnState()
    {
        var random = new Random(4);
        await using var one = EngineLab.Start(options => options.Streams = 1);
        await using var other = EngineLab.Start(options => options.Streams = 1);
        var (paths, pins) = (new TokenPath[2], new SequencePin?[2]);
        for (var i = 0; i < 2; i++) paths[i] = EngineLab.Prompt(random, 100);
        for (var turn = 0; turn < 6; turn++)
        {
            LlamaEngine[] engines = [one, other];
            var ends = await Task.WhenAll(engines.Select((engine, i) => EngineLab.RunAsync(engine, EngineLab.Spec(paths[i], 8, pins[i]))));
            for (var i = 0; i < 2; i++)
            {
                if (turn > 0) Assert.True(ends[i].End.CachedTokens >= paths[i].Length - 30);
                pins[i]?.Dispose();
                (paths[i], pins[i]) = (ends[i].End.Path.Append(EngineLab.Tokens(random, 20)), ends[i].End.Pin);
            }
        }
        EngineAudit.Check(one);
        EngineAudit.Check(other);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<(SequencePin Pin, WeakReference Engine)> EndedAsync()
    {
        var engine = EngineLab.Start();
        var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(new Random(5), 200), 8));
        await engine.DisposeAsync();
        return (end.Pin!, new WeakReference(engine.Tree));
    }
}
