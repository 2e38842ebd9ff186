using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports;

/// <summary>
/// Where a task's time went, in milliseconds of all its turns. Samples say what they know. What they do not is taken from what is set: a
/// simulated provider's prefill from its speed, decoding from the first output to the end; the difference to the whole remains.
/// </summary>
/// <param name="Remaining">The link, Samovar, the provider's own work and whatever else nobody could tell apart.</param>
internal sealed record TimeParts(Spread? Link, Spread? Queue, Spread? Render, Spread? Prefill, Spread? Decode, Spread? Remaining)
{
    public static TimeParts Of(SampleCell cell, IReadOnlyList<SampledRound> rounds)
    {
        var speed = TransportBackend.SpeedOf(cell.Backend)?.PrefillTokens;
        double? Prefill(TurnSample turn) => turn.PrefillMs ?? (speed is > 0 and var rate ? turn.PrefilledTokens * 1000 / rate : null);
        double? Decode(TurnSample turn) => turn.DecodeMs ?? (turn.FirstTokenMs is { } first ? turn.TotalMs - first : null);
        double Remaining(TurnSample turn) => Math.Max(0, turn.TotalMs - (turn.LinkMs ?? 0) - (turn.QueueMs ?? 0) - (turn.RenderMs ?? 0)
            - (Prefill(turn) ?? 0) - (Decode(turn) ?? 0));
        Spread? Sum(Func<TurnSample, double?> part) => Spread.Of(rounds.Select(round =>
            round.Turns.Any(turn => part(turn) is not null) ? round.Turns.Sum(turn => part(turn) ?? 0) : (double?)null));
        return new TimeParts(Sum(turn => turn.LinkMs), Sum(turn => turn.QueueMs), Sum(turn => turn.RenderMs), Sum(Prefill), Sum(Decode),
            Sum(turn => Remaining(turn)));
    }
}
