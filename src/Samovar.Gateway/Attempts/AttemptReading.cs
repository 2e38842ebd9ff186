using System.Diagnostics;
using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire;
using Samovar.Metering;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Tracing;

namespace Samovar.Gateway.Attempts;

/// <summary>One attempt as those see it who count: when it began, when it first said something, what it used.</summary>
internal sealed class AttemptReading
{
    /// <summary>Outcomes besides the names of faults.</summary>
    public const string Well = "ok", Cancelled = "cancelled";
    private readonly long _beganAt;
    private readonly Activity? _span;
    private readonly TimeProvider _time;
    private long? _outputAt;
    private int _pieces;

    public AttemptReading(UpstreamCall call, string pool, TimeProvider time)
    {
        (Call, Pool, _time, _beganAt) = (call, pool, time, time.GetTimestamp());
        _span = Spans.Begin(ActivityKind.Client, call.Turn.Trace?.Context ?? default, time.GetUtcNow());
        call.Trace = TraceContext.Of(_span) ?? call.Turn.Trace;
        call.Turn.Times?.Enter(TraceStage.Connect, _beganAt);
    }

    public UpstreamCall Call { get; }
    public string Pool { get; }

    /// <summary>The model as the upstream calls it in its answer; null before there is one.</summary>
    public string? Model { get; private set; }
    public TimeSpan? FirstOutput { get; private set; }
    /// <summary>What the upstream counted; null where it did not say.</summary>
    public Usage? Usage { get; private set; }

    /// <summary>
    /// What the attempt cost as far as is known: where the upstream has not said, what came back is at least a token each time.
    /// </summary>
    public Usage Spent => Usage ?? Call.Usage ?? new Usage(0, 0, _pieces, 0);

    /// <summary>What the input cost, in input tokens at their full price; null where that is not known.</summary>
    public double? InputCost => (Usage ?? Call.Usage) is not { } usage ? null
        : CacheRules.Of(Call.Destination.Dialect, Call.Model).CostOf(usage.InputTokens, usage.CachedTokens, usage.CacheWriteTokens);

    public TimeSpan Took => _time.GetElapsedTime(_beganAt);
    public DateTimeOffset EndedAt => _time.GetUtcNow();

    public void Note(BackendEvent reported)
    {
        switch (reported)
        {
            case BackendEvent.Accepted accepted: Model = accepted.Model; break;
            case BackendEvent.Finished finished: Usage = finished.Usage; break;
            default:
                if (_outputAt is null) NoteOutput();
                if (reported is BackendEvent.Delta or BackendEvent.RefusalDelta or BackendEvent.SummaryDelta) _pieces++;
                break;
        }
    }

    private void NoteOutput()
    {
        var now = _time.GetTimestamp();
        (_outputAt, FirstOutput) = (now, _time.GetElapsedTime(_beganAt, now));
        Call.Turn.Times?.Enter(TraceStage.Decode);
    }

    /// <summary>Whether an outcome speaks against the destination.</summary>
    public static bool IsFault(string outcome) => outcome is not (Well or Cancelled);

    /// <summary>Ends the attempt: its stretches of the turn's time are known, and its span is over.</summary>
    public void End(string outcome)
    {
        if (Call.Turn.Times is { } times) NoteTimes(times, outcome);
        if (_span is not { } span) return;
        var destination = Call.Destination;
        span.SetModels(GenAi.Provider(destination.Dialect.Name), Call.Model, Model);
        if (outcome == Well && Usage is { } usage)
            span.SetUsage(usage.InputTokens, usage.CachedTokens, usage.OutputTokens, usage.ReasoningTokens);
        if (FirstOutput is { } first) span.SetTag("gen_ai.response.time_to_first_chunk", first.TotalSeconds);
        span.SetTag(Labels.ServerAddress, destination.BaseUrl.Host).SetTag(Labels.ServerPort, destination.BaseUrl.Port)
            .SetTag(Labels.Pool, Pool).SetTag(Labels.Destination, destination.Name)
            .SetTag(Labels.Sent, Call.IsDelta ? "delta" : "whole").SetTag(Labels.Outcome, outcome);
        span.End(IsFault(outcome) ? outcome : null);
    }

    private void NoteTimes(TurnTrace times, string outcome)
    {
        var now = _time.GetTimestamp();
        var at = IsFault(outcome) ? $"{Call.Destination.Name}: {outcome}" : Call.Destination.Name;
        var sentAt = Call.SentAt ?? now;
        times.Leave(TraceStage.Connect, sentAt, detail: Call.SentAt is null ? at : Call.Destination.Name);
        if (Call.SentAt is null) return;
        times.Add(TraceStage.Send, sentAt, Call.HeardAt ?? now, Call.BytesUp, at);
        if (_outputAt is { } first) times.Add(TraceStage.Decode, first, now, Spent.OutputTokens, Call.Destination.Name);
    }
}
