using Samovar.Engine.Decoding;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Tests.Turns;

/// <summary>A placement that breaks, at whatever step, ends its own turn alone and leaves nothing behind.</summary>
public sealed class BrokenPlacementTests
{
    private readonly Random _random = new(37);

    public static TheoryData<string> Steps => [.. Enum.GetNames<PlacementStep>()];

    [Theory, MemberData(nameof(Steps))]
    public async Task BrokenStep_EndsItsTurnAlone_AndTheStreamIsNotReused(string name)
    {
        var step = Enum.Parse<PlacementStep>(name);
        await using var engine = EngineLab.Start();
        var known = new List<(TokenPath Path, SequencePin? Pin)>();
        for (var session = 0; session < 4; session++)
        {
            var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 150 + session), 4));
            known.Add((end.Path, end.Pin));
        }
        var (broken, seen) = (0, 0);
        engine.Placer.StepBegins = now =>
        {
            if (now != step || seen++ % 3 != 0) return;
            broken++;
            throw new IOException("made for a test");
        };
        for (var round = 0; round < 3; round++)
            for (var session = 0; session < known.Count; session++)
            {
                var (path, pin) = known[session];
                var (next, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(path.Append(EngineLab.Tokens(_random, 5)), 3, pin));
                if (next.Kind == EngineTurnEndKind.Failed)
                {
                    Assert.Contains("made for a test", next.Failure, StringComparison.Ordinal);
                    continue;
                }
                Assert.Equal((path.Length + 5, 3), (next.CachedTokens + next.PrefilledTokens, steps.Count));
                known[session] = (next.Path, next.Pin);
            }
        engine.Placer.StepBegins = null;
        Assert.True(broken > 0 || step == PlacementStep.Continue, "The step was never reached.");
        EngineAudit.Check(engine);
        await using var cold = EngineLab.Start();
        foreach (var (path, pin) in known) // whatever broke, what is held is right
        {
            var prompt = path.Append(EngineLab.Tokens(_random, 5));
            var (_, warm) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, 3, pin));
            var (_, alone) = await EngineLab.RunAsync(cold, EngineLab.Spec(TokenPath.Empty.Append(prompt.ToArray()), 3));
            Assert.Equal(alone.Select(one => one.Token), warm.Select(one => one.Token));
        }
    }

    [Fact]
    public async Task BrokenPlacement_NeverStarvesThoseBehindIt()
    {
        await using var engine = EngineLab.Start(options => options.Streams = 1);
        var isFirst = true;
        engine.Placer.StepBegins = step =>
        {
            if (step != PlacementStep.Insert || !isFirst) return;
            isFirst = false;
            throw new IOException("made for a test");
        };
        var turns = Enumerable.Range(0, 4).Select(_ => EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 5))).ToList();
        var ends = await Task.WhenAll(turns.Select(EngineLab.ReadAsync));
        Assert.Single(ends, end => end.End.Kind == EngineTurnEndKind.Failed);
        Assert.Equal(3, ends.Count(end => end.End.Kind == EngineTurnEndKind.OutputLimit));
    }
}
