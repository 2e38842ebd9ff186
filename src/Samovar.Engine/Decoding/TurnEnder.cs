using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>
/// Ends turns: frees the stream, pins what it holds, counts, and answers the owner. Never throws: whatever breaks, the turn ends.
/// </summary>
internal sealed class TurnEnder(
    TurnTable turns, TurnQueue queue, StreamPlacer placer, EngineMeters meters, TimeProvider time, PinHome pins,
    TurnRetention retention)
{
    public void End(TurnRun turn, EngineTurnEndKind kind, string? failure = null)
    {
        queue.Leave(turn, wasRunning: turns.Running.Remove(turn));
        var path = turn.Spec.Prompt;
        HeldPath? pin = null;
        PrefixKeeping? keeping = null;
        placer.Prefixes?.Ended(turn);
        try
        {
            var isWhole = kind is EngineTurnEndKind.EndOfGeneration or EngineTurnEndKind.OutputLimit or EngineTurnEndKind.ContextFull
                or EngineTurnEndKind.Stopped;
            path = path.Append(turn.Generated.ToArray());
            var segment = Release(turn, promptOnly: !isWhole);
            if (isWhole && turn is { Slot: { } slot, Spec.Keeps: { } room }) keeping = placer.Prefixes?.Keep(turn, slot, segment, room);
            var note = retention.Ended(segment, kind == EngineTurnEndKind.Cancelled, turn.Spec.IsBackground);
            if (kind is not (EngineTurnEndKind.Failed or EngineTurnEndKind.Refused))
                pin = Pin(isWhole ? path : turn.Spec.Prompt, turn, segment);
            if (pin is not null && !turn.Spec.IsBackground) pin.Note = note;
        }
        catch (Exception exception) // one turn's end: out of memory, or a fault of ours
        {
            TryForget(turn);
            (keeping as PrefixKeeping.Kept)?.Prefix.Dispose();
            keeping = null;
            (kind, failure) = (EngineTurnEndKind.Failed, $"{failure} The turn's state could not be kept. {exception}".TrimStart());
        }
        turn.Slot = null;
        turn.Unpin();
        Count(turn, kind);
        turn.End(Answer(turn, kind, path, pin) with { Keeping = keeping, Failure = kind == EngineTurnEndKind.Failed ? failure : null });
        if (!turn.IsComplete) turns.Unread.Add(turn);
    }

    /// <summary>Ends a turn whose batch was not computed.</summary>
    public void Fail(TurnRun turn, DecodeResult result, string? cause = null)
    {
        if (result == DecodeResult.Broken && turn.Slot is { } slot) placer.Forget(slot);
        End(turn, EngineTurnEndKind.Failed, cause ?? $"libllama could not decode a batch ({result}). {LlamaLibrary.TakeError()}".TrimEnd());
    }

    private void TryForget(TurnRun turn)
    {
        try
        {
            if (turn.Slot is { } slot) placer.Forget(slot);
        }
        catch (Exception) // the turn is failing already, and its owner is answered with the first cause
        {
            turn.Slot!.Owner = null;
        }
    }

    private Segment? Release(TurnRun turn, bool promptOnly) =>
        turn.Slot is null ? placer.Held(turn, promptOnly) : placer.Release(turn, promptOnly);

    private HeldPath Pin(TokenPath held, TurnRun turn, Segment? segment)
    {
        if (segment?.End > held.Length) segment = null; // what was sampled could not be cut off: the prompt alone has no state
        return pins.Pin(held, turn.Spec.Namespace, segment, turn.Spec.ContinueFrom as HeldPath);
    }

    private void Count(TurnRun turn, EngineTurnEndKind kind)
    {
        if (kind == EngineTurnEndKind.Refused)
        {
            Interlocked.Increment(ref meters.Refusals);
            return;
        }
        if (turn.Spec.IsBackground) return;
        meters.Turns++;
    }

    private EngineTurnEnd Answer(TurnRun turn, EngineTurnEndKind kind, TokenPath path, HeldPath? pin)
    {
        var now = time.GetTimestamp();
        return new EngineTurnEnd
        {
            Kind = kind,
            CachedTokens = turn.CachedTokens,
            PrefilledTokens = turn.PrefilledTokens,
            OutputTokens = turn.Generated.Count,
            Path = path,
            Pin = pin,
            Source = turn.Reuse.Source,
            Restored = turn.Reuse.Restored,
            Lost = turn.Reuse.Lost,
            Queued = time.GetElapsedTime(turn.Begun, turn.FirstBatch ?? now),
            FirstToken = time.GetElapsedTime(turn.Begun, turn.FirstSampled ?? now),
            RetryAfter = kind == EngineTurnEndKind.Refused ? queue.RetryAfter(turn.Spec.Flow) : null,
            GrammarFault = turn.GrammarFault,
            DraftedTokens = turn.Draft?.Drafted ?? 0,
            AcceptedTokens = turn.Draft?.Accepted ?? 0,
            Spans = turn.Timeline?.End(now, turn.FirstSampled, turn.Generated.Count) ?? [],
        };
    }
}
