using System.Diagnostics;
using Samovar.Accounting;
using Samovar.Metering;
using Samovar.Protocol.Requests;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>A turn as one span of a trace: who served it, what it cost, where its time went; nothing of what was said.</summary>
internal readonly struct TurnSpan
{
    private readonly Activity? _span;
    private readonly TraceContext? _client;

    private TurnSpan(Activity? span, TraceContext? client) => (_span, _client) = (span, client);

    /// <summary>What upstreams get: this span, or, where nobody traces here, what the client sent.</summary>
    public TraceContext? Trace => TraceContext.Of(_span) ?? _client;

    /// <param name="arrivedOn">When the request came in.</param>
    public static TurnSpan Begin(TurnRequest request, DateTimeOffset arrivedOn)
    {
        var client = TraceContext.Read(request.Request.Field("client_metadata")) ?? request.Request.Hints.Trace;
        return new TurnSpan(Spans.Begin(ActivityKind.Server, client?.Context ?? default, arrivedOn), client);
    }

    /// <summary>The turn's stretches as spans below this one.</summary>
    public void Export(TurnTrace trace, TimeProvider time)
    {
        if (_span is not { } turn) return;
        foreach (var stretch in trace.Spans())
        {
            var (from, to) = (At(stretch.From), At(stretch.To));
            Spans.Add($"samovar.{stretch.Stage.ToString().ToLowerInvariant()}", turn.Context, from, to,
                new("samovar.amount", stretch.Amount), new("samovar.count", stretch.Count), new("samovar.detail", stretch.Detail));
        }

        DateTimeOffset At(long timestamp) => trace.ArrivedOn + time.GetElapsedTime(trace.ArrivedAt, timestamp);
    }

    public void End(RequestRecord record, string? conversation)
    {
        if (_span is not { } span) return;
        span.SetModels(GenAi.Samovar, record.RequestModel, record.Response is null ? null : record.Model);
        span.SetTag("gen_ai.response.id", record.Response?.Value).SetTag("gen_ai.conversation.id", conversation);
        if (record.Response is not null)
        {
            var usage = record.Usage;
            span.SetUsage(usage.InputTokens, usage.CachedTokens, usage.OutputTokens, usage.ReasoningTokens);
            if (record.FirstToken is { } first) span.SetTag("gen_ai.response.time_to_first_chunk", first.TotalSeconds);
        }
        span.SetTag(Labels.Outcome, record.Outcome).SetTag(Labels.Destination, record.Destination)
            .SetTag(Labels.Affinity, record.Affinity).SetTag(Labels.Matched, record.Matched)
            .SetTag(Labels.MissCause, record.MissCause)
            .SetTag("samovar.lane", record.Lane.Name).SetTag("samovar.previous", record.Previous?.Value)
            .SetTag("samovar.retries", record.Retries).SetTag("samovar.queued", record.Queued.TotalSeconds);
        span.End(record.ErrorCode);
    }
}
