using Samovar.Engine.Llama;

namespace Samovar.Engine.Tests.Turns;

/// <summary>What a turn costs, in the engine's own counts: prefilled is what is new, cached is the rest.</summary>
public sealed class TurnCountTests : IAsyncLifetime
{
    private readonly Random _random = new(11);
    private LlamaEngine _engine = null!;

    public ValueTask InitializeAsync()
    {
        _engine = EngineLab.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task WarmTurn_PrefillsOnlyWhatIsNew()
    {
        var path = EngineLab.Prompt(_random, 100);
        SequencePin? pin = null;
        for (var turn = 0; turn < 5; turn++)
        {
            var (end, steps) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path, 7, pin));
            Assert.Equal(EngineTurnEndKind.OutputLimit, end.Kind);
            Assert.Equal(path.Length, end.CachedTokens + end.PrefilledTokens);
            Assert.Equal(turn == 0 ? 100 : 31, end.PrefilledTokens); // thirty new ones and the last sampled one
            Assert.Equal(turn == 0 ? CacheSource.None : CacheSource.OwnStream, end.Source);
            Assert.Equal(7, end.OutputTokens);
            Assert.Equal([.. path.ToArray(), .. steps.Select(step => step.Token)], end.Path.ToArray());
            (pin, path) = (end.Pin, end.Path.Append(EngineLab.Tokens(_random, 30)));
        }
        Assert.Equal(0, _engine.Counters.Parks);
    }

    [Fact]
    public async Task TurnWithoutPin_FindsTheSameState_ByTokens()
    {
        var path = EngineLab.Prompt(_random, 100);
        var (first, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path, 5));
        var next = TokenPath.Empty.Append(first.Path.ToArray()).Append(EngineLab.Tokens(_random, 20));
        var (end, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(next, 5));
        Assert.Equal((104, 21), (end.CachedTokens, end.PrefilledTokens));
    }

    [Fact]
    public async Task SamePrompt_AgainPrefillsOneToken()
    {
        var path = EngineLab.Prompt(_random, 100);
        var (first, steps) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path, 5));
        var (again, same) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path, 5));
        Assert.Equal((99, 1), (again.CachedTokens, again.PrefilledTokens));
        Assert.Equal(steps.Select(step => step.Token), same.Select(step => step.Token));
        Assert.NotNull(first.Pin);
    }

    [Fact]
    public async Task SecondSession_SharesTheStart_OfOneThatRuns()
    {
        var start = EngineLab.Tokens(_random, 300);
        var (one, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(After(start, 20), 5));
        var (two, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(After(start, 20), 5));
        Assert.True(two.CachedTokens >= 300, $"Only {two.CachedTokens} of 300 shared tokens were cached.");
        Assert.Equal(320, two.CachedTokens + two.PrefilledTokens);
        Assert.Equal(CacheSource.OtherStream, two.Source);
        // The first one still continues where it was, at no cost.
        var (more, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(one.Path.Append(EngineLab.Tokens(_random, 10)), 5, one.Pin));
        Assert.Equal(11, more.PrefilledTokens);
    }

    [Fact]
    public async Task SessionsThatStartTogether_ComputeTheirCommonStartOnce()
    {
        var start = EngineLab.Tokens(_random, 600);
        var turns = Enumerable.Range(0, 4).Select(_ => EngineLab.Begin(_engine,
            EngineLab.Spec(After(start, 20), 5))).ToList();
        var ends = await Task.WhenAll(turns.Select(EngineLab.ReadAsync));
        Assert.InRange(ends.Sum(end => end.End.PrefilledTokens), 620 + 3 * 20 - 3, 620 + 3 * 20);
    }

    [Fact]
    public async Task Namespaces_NeverShare()
    {
        var path = EngineLab.Prompt(_random, 200);
        var (mine, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path, 5, scope: "mine"));
        var (theirs, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path, 5, scope: "theirs"));
        var (stolen, _) = await EngineLab.RunAsync(_engine,
            EngineLab.Spec(mine.Path.Append(EngineLab.Tokens(_random, 5)), 5, mine.Pin, "thieves"));
        Assert.Equal((0, 200), (theirs.CachedTokens, theirs.PrefilledTokens));
        Assert.Equal((0, 210), (stolen.CachedTokens, stolen.PrefilledTokens));
    }

    [Fact]
    public async Task Forks_NeverPrefillWhatLiesBeforeThem()
    {
        var (parent, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(EngineLab.Prompt(_random, 200), 10));
        var tips = new List<(TokenPath Path, SequencePin? Pin)>();
        for (var fork = 0; fork < 4; fork++)
        {
            var (end, _) = await EngineLab.RunAsync(_engine,
                EngineLab.Spec(parent.Path.Append(EngineLab.Tokens(_random, 25)), 6, parent.Pin));
            Assert.Equal(fork == 0 ? 26 : 25, end.PrefilledTokens); // the parent's last sampled token is computed once, by the first fork
            Assert.Equal(235, end.CachedTokens + end.PrefilledTokens);
            tips.Add((end.Path, end.Pin));
        }
        foreach (var (path, pin) in tips) // each goes on where it was, whatever stream it has
        {
            var (end, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path.Append(EngineLab.Tokens(_random, 5)), 3, pin));
            Assert.Equal(6, end.PrefilledTokens);
        }
    }

    [Fact]
    public async Task WarmUp_ComputesThePrompt_AndSamplesNothing()
    {
        var path = EngineLab.Prompt(_random, 150);
        var (warm, steps) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path, 0));
        Assert.Empty(steps);
        Assert.Equal((0, 150, 0), (warm.CachedTokens, warm.PrefilledTokens, warm.OutputTokens));
        var (end, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path.Append(EngineLab.Tokens(_random, 10)), 3, warm.Pin));
        Assert.Equal((150, 10), (end.CachedTokens, end.PrefilledTokens));
        var (again, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path, 0));
        Assert.Equal((150, 0), (again.CachedTokens, again.PrefilledTokens));
    }

    private TokenPath After(int[] start, int more) => TokenPath.Empty.Append(start).Append(EngineLab.Tokens(_random, more));

    [Fact]
    public async Task MoreSessionsThanStreams_AreParkedAndRestored()
    {
        var sessions = new List<(TokenPath Path, SequencePin? Pin)>();
        for (var session = 0; session < 6; session++) sessions.Add((EngineLab.Prompt(_random, 120), null));
        for (var round = 0; round < 3; round++)
            for (var session = 0; session < sessions.Count; session++)
            {
                var (path, pin) = sessions[session];
                var (end, _) = await EngineLab.RunAsync(_engine, EngineLab.Spec(path, 4, pin));
                Assert.Equal(round == 0 ? 120 : 11, end.PrefilledTokens);
                if (round > 0) Assert.Equal(CacheSource.Parked, end.Source);
                sessions[session] = (end.Path.Append(EngineLab.Tokens(_random, 10)), end.Pin);
            }
        Assert.True(_engine.Counters is { Parks: > 10, Restores: > 10, Evictions: 0 });
        EngineAudit.Check(_engine);
    }
}
