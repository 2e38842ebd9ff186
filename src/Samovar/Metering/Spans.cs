using System.Diagnostics;
using Samovar.Escaping;

namespace Samovar.Metering;

/// <summary>Begins and ends spans. Without a listener none begins, and nothing is allocated.</summary>
/// <remarks>
/// A span is never the ambient one: turns begin and end on any thread, and the current span of that thread must stay what it is.
/// </remarks>
internal static class Spans
{
    public const string SourceName = "Samovar";
    private static readonly ActivitySource Source = new(SourceName);

    /// <param name="begin">Null: now.</param>
    public static Activity? Begin(ActivityKind kind, ActivityContext parent, DateTimeOffset? begin = null) =>
        Begin(GenAi.Chat, kind, parent, begin)?.SetTag(Labels.Operation, GenAi.Chat);

    /// <inheritdoc cref="Begin(ActivityKind, ActivityContext, DateTimeOffset?)"/>
    public static Activity? Begin(string name, ActivityKind kind, ActivityContext parent, DateTimeOffset? begin)
    {
        if (!Source.HasListeners()) return null;
        var ambient = Activity.Current;
        Activity.Current = null; // else it would be the parent where none is given
        var span = Source.StartActivity(name, kind, parent, startTime: begin ?? default);
        Activity.Current = ambient;
        return span;
    }

    /// <summary>Adds a span that is over already.</summary>
    public static void Add(
        string name, ActivityContext parent, DateTimeOffset from, DateTimeOffset to,
        params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!Source.HasListeners()) return;
        var ambient = Activity.Current;
        var span = Source.StartActivity(name, ActivityKind.Internal, parent, startTime: from);
        Activity.Current = ambient;
        if (span is null) return;
        foreach (var (key, value) in tags) span.SetTag(key, value);
        span.SetEndTime(to.UtcDateTime);
        span.End(error: null);
    }

    /// <summary>Names the model: the conventions want it in the span's name, too.</summary>
    public static void SetModels(this Activity span, string provider, string? asked, string? answered)
    {
        if (asked is not null) span.DisplayName = $"{GenAi.Chat} {asked}";
        span.SetTag(Labels.Provider, provider).SetTag(Labels.RequestModel, asked).SetTag(Labels.ResponseModel, answered);
    }

    public static void SetUsage(this Activity span, int input, int cached, int output, int reasoning) => span
        .SetTag("gen_ai.usage.input_tokens", input).SetTag("gen_ai.usage.cache_read.input_tokens", cached)
        .SetTag("gen_ai.usage.output_tokens", output).SetTag("gen_ai.usage.reasoning.output_tokens", reasoning);

    /// <param name="error">A code; a message could quote what somebody wrote.</param>
    public static void End(this Activity span, string? error)
    {
        if (error is not null) span.SetTag(Labels.ErrorType, error).SetStatus(ActivityStatusCode.Error);
        MakePlain(span);
        var ambient = Activity.Current;
        span.Dispose();
        Activity.Current = ambient;
    }

    /// <summary>Models, conversations and responses are named by clients and upstreams.</summary>
    private static void MakePlain(Activity span)
    {
        span.DisplayName = ForeignText.OneLine(span.DisplayName);
        foreach (var (key, value) in span.TagObjects.ToArray())
            if (value is string text && ForeignText.OneLine(text) is var plain && !ReferenceEquals(plain, text)) span.SetTag(key, plain);
    }
}
