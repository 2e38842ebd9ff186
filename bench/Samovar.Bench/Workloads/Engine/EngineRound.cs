using Samovar.Bench.Samples;

namespace Samovar.Bench.Workloads.Engine;

/// <summary>One round of one workload at one server: asks, and writes down what each turn cost.</summary>
internal sealed class EngineRound(SampleCell cell, int number, IEngineTarget target, TokenMeter meter)
{
    /// <summary>How long a client waits for a turn.</summary>
    private static readonly TimeSpan TurnMax = TimeSpan.FromMinutes(3);
    private readonly Lock _lock = new();
    private readonly SaidBefore _said = new();
    private readonly List<TurnSample> _samples = [];
    private readonly Dictionary<string, int> _turns = new(StringComparer.Ordinal);

    public int Number => number;
    public TokenMeter Meter => meter;
    public IReadOnlyList<TurnSample> Samples => _samples;

    /// <summary>A text that no other round says.</summary>
    public string Text(int tokens, int seed) => meter.OfTokens(tokens, number * 1_000_003 + seed);

    /// <summary>Null: it failed, and is written down as such.</summary>
    /// <param name="session">As samples have it.</param>
    public async Task<AnsweredTurn?> AskAsync(string session, EngineAsk ask, CancellationToken stop)
    {
        var newShare = _said.Add(ask.After, ask.Text);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(TurnMax);
        try
        {
            var answered = await target.AskAsync(ask, late.Token);
            Add(session, answered, newShare, null);
            return answered;
        }
        catch (EngineTurnException exception)
        {
            Add(session, null, 0, exception.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            Add(session, null, 0, "timeout");
        }
        return null;
    }

    /// <summary>Asks and hangs up as soon as the answer begins. Nothing is written down: the turn has no end.</summary>
    public async Task CancelAsync(EngineAsk ask, CancellationToken stop)
    {
        _said.Add(ask.After, ask.Text);
        using var hungUp = CancellationTokenSource.CreateLinkedTokenSource(stop);
        hungUp.CancelAfter(TurnMax);
        try
        {
            await target.AskAsync(ask with { Begun = hungUp.Cancel }, hungUp.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // that was asked for
        }
        catch (EngineTurnException exception)
        {
            Add("cancelled", null, 0, exception.Message);
        }
    }

    private void Add(string session, AnsweredTurn? turn, double newShare, string? error)
    {
        lock (_lock)
        {
            var own = turn is null ? 0 : turn.InputTokens - (turn.After?.ContextTokens ?? 0);
            _turns[session] = _turns.GetValueOrDefault(session) + 1;
            _samples.Add(new TurnSample
            {
                Cell = cell, Round = number, Session = session, Turn = _turns[session], Requests = 1, Error = error,
                FirstTokenMs = turn?.FirstToken.TotalMilliseconds,
                TotalMs = turn?.Total.TotalMilliseconds ?? 0,
                InputTokens = turn?.InputTokens ?? 0,
                NewTokens = turn is null ? 0 : Math.Max(1, (int)(own * newShare)),
                PrefilledTokens = turn is null ? 0 : turn.InputTokens - turn.CachedTokens,
                OutputTokens = turn?.OutputTokens ?? 0,
            });
        }
    }
}
