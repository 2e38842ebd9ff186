using System.Collections.Concurrent;
using Samovar.Engine.Llama;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing.Engines.Talks;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>For each kind an engine that computes every prompt from nothing; they stay for all tests of a class.</summary>
/// <remarks>A turn that ran alone has the same numbers to the bit. Where several sequences of a recurrent model are computed in one batch,
/// logits were seen to differ in the last digits of a float; a state that is wrong shows at once in the third digit or before.</remarks>
public sealed class ColdEngines : IAsyncLifetime
{
    private const float LastDigits = 1e-5f;
    private readonly ConcurrentDictionary<(string Architecture, int WindowShare), Lazy<LlamaEngine>> _engines = new();
    private int _compared;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines.Values) await engine.Value.DisposeAsync();
    }

    /// <summary>Every number that a turn reported must be the one of the cold engine.</summary>
    /// <param name="isBeside">Whether others ran beside it.</param>
    /// <param name="windowShare">Of the model that it was run on.</param>
    public async Task CompareAsync(string architecture, TalkTurn turn, bool isBeside, int windowShare = 1)
    {
        if (turn.Steps.Count == 0) return;
        var (end, steps) = await EngineLab.RunAsync(Of(architecture, windowShare), turn.Spec with
        {
            Namespace = $"cold {Interlocked.Increment(ref _compared)}", Prompt = TokenPath.Empty.Append(turn.Prompt.ToArray()),
            ContinueFrom = null, OutputTokensMax = turn.Steps.Count, Marks = [],
        });
        Assert.Equal(0, end.CachedTokens);
        if (!isBeside) ExactLab.AssertSame(steps, turn.Steps);
        Assert.Equal(steps.Select(step => step.Token), turn.Steps.Select(step => step.Token));
        for (var at = 0; at < steps.Count; at++)
            foreach (var (expected, actual) in steps[at].Top!.Zip(turn.Steps[at].Top!))
                Assert.InRange(Math.Abs(expected.LogProb - actual.LogProb), 0, LastDigits);
    }

    /// <summary>What an engine holds must be what a cold one computes from the same tokens.</summary>
    /// <param name="most">Places in host memory that are looked at.</param>
    /// <returns>How many places were compared.</returns>
    public Task<int> CheckAsync(string architecture, LlamaEngine engine, Random random, int most, int windowShare = 1) =>
        new StateCheck(Of(architecture, windowShare)).CheckAsync(engine, random, most);

    private LlamaEngine Of(string architecture, int windowShare) => _engines.GetOrAdd((architecture, windowShare), static kind =>
        new Lazy<LlamaEngine>(() => KindLab.StartExact(kind.Architecture,
            options => (options.Streams, options.ParkedBytesMax, options.DraftTokensMax) = (1, 0, 0), kind.WindowShare))).Value;
}
