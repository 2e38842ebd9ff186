using System.Globalization;
using System.Text.Json;

namespace Samovar.Cli.Agents;

/// <summary>What one turn cost and brought: bytes, tokens, times, output items.</summary>
internal sealed class TurnReport
{
    public int BytesUp { get; set; }
    public long BytesDown { get; set; }
    public TimeSpan? FirstToken { get; set; }
    public TimeSpan Total { get; set; }
    public string? ResponseId { get; private set; }
    public int InputTokens { get; private set; }
    public int CachedTokens { get; private set; }
    public int OutputTokens { get; private set; }
    public List<JsonElement> Output { get; } = [];

    /// <summary>Null when the turn completed (or only ran out of output tokens).</summary>
    public TurnFailure? Failure { get; private set; }

    /// <summary>The response ended before the model did: <c>max_output_tokens</c> …</summary>
    public string? IncompleteReason { get; private set; }

    public void Finish(JsonElement response)
    {
        ResponseId = response.GetProperty("id"u8).AnyString();
        if (Output.Count == 0 && response.TryGetProperty("output"u8, out var output) && output.ValueKind == JsonValueKind.Array)
            Output.AddRange(output.EnumerateArray().Select(item => item.Clone()));
        if (response.TryGetProperty("usage"u8, out var usage) && usage.ValueKind == JsonValueKind.Object) Count(usage);
        if (response.TryGetProperty("incomplete_details"u8, out var incomplete) && incomplete.ValueKind == JsonValueKind.Object)
            IncompleteReason = incomplete.GetProperty("reason"u8).AnyString();
        if (response.TryGetProperty("error"u8, out var error) && error.ValueKind == JsonValueKind.Object) Failure = TurnFailure.Of(error);
    }

    /// <summary>The response as it stands elsewhere: what came of its events is in it.</summary>
    public void FinishWith(JsonElement response)
    {
        Output.Clear();
        Failure = null;
        Finish(response);
    }

    public void Fail(JsonElement envelope) =>
        Failure = TurnFailure.Of(envelope.TryGetProperty("error"u8, out var nested) && nested.ValueKind == JsonValueKind.Object
            ? nested : envelope);

    private void Count(JsonElement usage)
    {
        InputTokens = usage.GetProperty("input_tokens"u8).GetInt32();
        OutputTokens = usage.GetProperty("output_tokens"u8).GetInt32();
        if (usage.TryGetProperty("input_tokens_details"u8, out var details) && details.TryGetProperty("cached_tokens"u8, out var cached))
            CachedTokens = cached.GetInt32();
    }

    /// <summary>One line: what went up, what was cached, how soon the first token came.</summary>
    public string Line()
    {
        var share = InputTokens == 0 ? 0 : 100.0 * CachedTokens / InputTokens;
        return string.Create(CultureInfo.InvariantCulture,
            $"↑ {Bytes(BytesUp)}  input {InputTokens:N0}, cached {CachedTokens:N0} ({share:0.0} %)  first token {Milliseconds(FirstToken)}")
            + string.Create(CultureInfo.InvariantCulture, $"  output {OutputTokens:N0} in {Milliseconds(Total)}");
    }

    public static string Bytes(long bytes) => bytes < 10_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} B")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:N1} KB");

    private static string Milliseconds(TimeSpan? time) => time switch
    {
        null => "–",
        { TotalSeconds: < 1 } short_ => string.Create(CultureInfo.InvariantCulture, $"{short_.TotalMilliseconds:0} ms"),
        { } long_ => string.Create(CultureInfo.InvariantCulture, $"{long_.TotalSeconds:0.0} s"),
    };
}

/// <summary>Why a turn ended without an answer.</summary>
internal sealed record TurnFailure(string Code, string Message)
{
    /// <summary>The events that were lost cannot be read again; the response itself may be there.</summary>
    public bool EventsAreLost => Code is "response_not_found" or "response_events_expired" or "unknown_event_type";

    /// <summary>The server no longer knows the chain: the same turn with everything said so far will do.</summary>
    public bool ChainIsLost => Code is "previous_response_not_found" or "websocket_connection_limit_reached";

    public static TurnFailure Of(JsonElement error) => new(
        error.TryGetProperty("code"u8, out var code) ? code.AnyString() ?? "" : "",
        error.TryGetProperty("message"u8, out var message) ? message.AnyString() ?? "" : "");
}
