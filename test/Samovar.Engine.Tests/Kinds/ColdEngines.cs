using System.Collections.Concurrent;
using Samovar.Engine.Llama;
using Samovar.Engine.Native;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing.Engines.Talks;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>For each kind an engine that computes every prompt from nothing; they stay for all tests of a class.</summary>
public sealed class ColdEngines : IAsyncLifetime
{
    private const int BatchesMax = ExactLab.BatchTokens;
    private readonly ConcurrentDictionary<string, Lazy<LlamaEngine>> _engines = new(StringComparer.Ordinal);
    private int _compared;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines.Values) await engine.Value.DisposeAsync();
    }

    /// <summary>Every number that a turn reported must be the one of the cold engine, to the bit.</summary>
    public async Task CompareAsync(string architecture, TalkTurn turn)
    {
        if (turn.Steps.Count == 0) return;
        var (end, steps) = await EngineLab.RunAsync(Of(architecture), turn.Spec with
        {
            Namespace = $"cold {Interlocked.Increment(ref _compared)}", Prompt = TokenPath.Empty.Append(turn.Prompt.ToArray()),
            ContinueFrom = null, OutputTokensMax = turn.Steps.Count, Marks = [],
        });
        Assert.Equal(0, end.CachedTokens);
        ExactLab.AssertSame(steps, turn.Steps);
    }

    private LlamaEngine Of(string architecture) => _engines.GetOrAdd(architecture, kind => new Lazy<LlamaEngine>(() =>
    {
        using (var model = KindLab.LoadModel(kind, WeightType.Q8)) Assert.Equal(0, NoiseGauge.Measure(model, "f16", BatchesMax));
        return KindLab.StartExact(
            kind, options => (options.Streams, options.ParkedBytesMax, options.DraftTokensMax) = (1, 0, 0));
    })).Value;
}
