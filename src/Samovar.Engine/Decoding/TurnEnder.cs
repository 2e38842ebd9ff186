using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>Ends turns: frees the stream, pins what it holds, counts, and tells the owner.</summary>
internal sealed class TurnEnder(
    StreamPlacer placer, EngineMeters meters, TimeProvider time, Action<HeldPath> dropped, Action<TimeSpan> ended)
{
    public void End(TurnRun turn, EngineTurnEndKind kind, string? failure)
    {
        var isWhole = kind is not (EngineTurnEndKind.Cancelled or EngineTurnEndKind.Failed);
        var wasPlaced = turn.Slot is not null;
        var segment = wasPlaced ? placer.Release(turn, promptOnly: !isWhole) : turn.Continued;
        turn.Slot = null;
        var path = turn.Spec.Prompt.Append(turn.Generated.ToArray());
        HeldPath? pin = null;
        if (kind != EngineTurnEndKind.Failed)
        {
            var held = isWhole ? path : turn.Spec.Prompt;
            if (segment?.End > held.Length) segment = null; // what was sampled could not be cut off: the prompt alone has no state
            pin = new HeldPath(held, turn.Spec.Namespace, segment, dropped);
            if (segment is not null) segment.Pins++;
        }
        meters.Turns++;
        var now = time.GetTimestamp();
        ended(time.GetElapsedTime(turn.Begun, now));
        turn.End(new EngineTurnEnd
        {
            Kind = kind,
            CachedTokens = turn.CachedTokens,
            PrefilledTokens = turn.PrefilledTokens,
            OutputTokens = turn.Generated.Count,
            Path = path,
            Pin = pin,
            Source = turn.Source,
            Queued = time.GetElapsedTime(turn.Begun, turn.Started ?? now),
            FirstToken = time.GetElapsedTime(turn.Begun, turn.FirstSampled ?? now),
            Failure = failure,
            GrammarFault = turn.GrammarFault,
        });
    }
}
