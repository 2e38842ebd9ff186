using Samovar.Engine.Llama;

namespace Samovar.Engine.Tests.Turns;

/// <summary>Random conversations on one engine: turns, forks from anywhere, shared starts, turns at once, cancelled turns, dropped
/// pins.</summary>
internal sealed class RandomTalk
{
    private const int LengthMax = 420;
    private readonly LlamaEngine _engine;
    private readonly Random _random;
    private readonly int[][] _starts;
    private readonly List<(TokenPath Path, SequencePin? Pin)> _known = [];

    private readonly Func<Random, int, int[]> _tokens;
    private readonly IReadOnlyDictionary<int, float>? _noEnd;

    /// <param name="tokens">So many that somebody says; default: random ones.</param>
    /// <param name="noEnd">Biases no turn to end by chance, of another model than the usual one.</param>
    public RandomTalk(LlamaEngine engine, Random random, Func<Random, int, int[]>? tokens = null,
        IReadOnlyDictionary<int, float>? noEnd = null)
    {
        (_engine, _random, _tokens, _noEnd) = (engine, random, tokens ?? EngineLab.Tokens, noEnd);
        _starts = [.. Enumerable.Range(0, 3).Select(_ => _tokens(random, random.Next(40, 260)))];
    }

    /// <summary>One to four turns at once; what each was asked and said, the cancelled ones left out.</summary>
    public async Task<IReadOnlyList<(TokenPath Prompt, List<TokenStep> Steps)>> StepAsync()
    {
        var turns = new List<(TokenPath Prompt, EngineTurn Turn, bool Cancels)>();
        var count = _random.Next(3) == 0 ? _random.Next(2, 5) : 1;
        for (var index = 0; index < count; index++)
        {
            var spec = NextSpec();
            turns.Add((spec.Prompt, EngineLab.Begin(_engine, spec), _random.Next(8) == 0));
        }
        foreach (var (_, turn, cancels) in turns)
        {
            if (!cancels) continue;
            if (_random.Next(2) == 0) await turn.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
            turn.Cancel();
        }
        var said = new List<(TokenPath, List<TokenStep>)>();
        foreach (var (prompt, turn, _) in turns)
        {
            var (end, steps) = await EngineLab.ReadAsync(turn);
            Assert.True(end.Kind is EngineTurnEndKind.OutputLimit or EngineTurnEndKind.Cancelled, end.Failure);
            if (end.Kind == EngineTurnEndKind.OutputLimit)
            {
                Assert.Equal(prompt.Length, end.CachedTokens + end.PrefilledTokens);
                said.Add((prompt, steps));
            }
            _known.Add((end.Kind == EngineTurnEndKind.Cancelled ? prompt : end.Path, end.Pin));
        }
        if (_random.Next(4) == 0) _known[_random.Next(_known.Count)].Pin?.Dispose();
        return said;
    }

    private EngineTurnSpec NextSpec()
    {
        var spec = NextTurn();
        if (_noEnd is not null) spec = spec with { Sampling = spec.Sampling with { LogitBias = _noEnd } };
        if (_random.Next(3) == 0) return spec;
        var places = Enumerable.Range(0, _random.Next(1, 5)).Select(_ => _random.Next(1, spec.Prompt.Length + 1)).Distinct().Order();
        return spec with
        {
            Marks = [.. places.Select(place => new PromptMark(place, (MarkKind)_random.Next(Enum.GetValues<MarkKind>().Length)))],
        };
    }

    private EngineTurnSpec NextTurn()
    {
        var delta = _tokens(_random, _random.Next(1, 60));
        var outputMax = _random.Next(1, 12);
        if (_known.Count == 0 || _random.Next(4) == 0)
            return EngineLab.Spec(TokenPath.Empty.Append(_starts[_random.Next(3)]).Append(delta), outputMax);
        var (path, pin) = _random.Next(2) == 0 ? _known[^1] : _known[_random.Next(_known.Count)];
        if (path.Length > LengthMax) return EngineLab.Spec(TokenPath.Empty.Append(_starts[_random.Next(3)]).Append(delta), outputMax);
        return _random.Next(6) switch
        {
            0 => EngineLab.Spec(TokenPath.Empty.Append(path.ToArray().AsMemory(0, _random.Next(1, path.Length))).Append(delta), outputMax),
            1 => EngineLab.Spec(TokenPath.Empty.Append(path.ToArray()).Append(delta), outputMax),
            2 => EngineLab.Spec(path, outputMax, pin), // the very same prompt again
            _ => EngineLab.Spec(path.Append(delta), outputMax, pin),
        };
    }
}
