using System.Collections.Concurrent;
using Samovar.Engine.Llama;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing.Engines.Talks;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>For each kind an engine that computes every prompt from nothing; they stay for all tests of a class.</summary>
public sealed class ColdEngines : IAsyncLifetime
{
    private readonly ConcurrentDictionary<(string Architecture, int WindowShare), Lazy<LlamaEngine>> _engines = new();
    private int _compared;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines.Values) await engine.Value.DisposeAsync();
    }

    /// <summary>Every number that a turn reported must be the one of the cold engine, to the bit.</summary>
    /// <param name="windowShare">Of the model that it was run on.</param>
    public async Task CompareAsync(string architecture, TalkTurn turn, int windowShare = 1)
    {
        if (turn.Steps.Count == 0) return;
        var (end, steps) = await EngineLab.RunAsync(Of(architecture, windowShare), turn.Spec with
        {
            Namespace = $"cold {Interlocked.Increment(ref _compared)}", Prompt = TokenPath.Empty.Append(turn.Prompt.ToArray()),
            ContinueFrom = null, OutputTokensMax = turn.Steps.Count, Marks = [],
        });
        Assert.Equal(0, end.CachedTokens);
        ExactLab.AssertSame(steps, turn.Steps);
    }

    private LlamaEngine Of(string architecture, int windowShare) => _engines.GetOrAdd((architecture, windowShare), static kind =>
        new Lazy<LlamaEngine>(() => KindLab.StartExact(kind.Architecture,
            options => (options.Streams, options.ParkedBytesMax, options.DraftTokensMax) = (1, 0, 0), kind.WindowShare))).Value;
}
