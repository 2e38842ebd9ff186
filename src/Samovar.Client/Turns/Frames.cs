using System.Text.Json;
using Samovar.Client.Errors;
using Samovar.Client.History;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Protocol.Json;

namespace Samovar.Client.Turns;

/// <summary>What a client says on the wire.</summary>
internal static class Frames
{
    /// <summary>Settings that a Samovar takes over into a frame without a type.</summary>
    private static readonly HashSet<string> TakenOver = new(StringComparer.Ordinal)
    {
        "model", "instructions", "tools", "store", "parallel_tool_calls", "temperature", "top_p", "top_k", "min_p", "stop",
        "presence_penalty", "frequency_penalty", "seed", "logit_bias", "max_output_tokens", "reasoning", "text", "truncation",
        "prompt_cache_key", "safety_identifier", "context_management", "chat_template_kwargs",
    };

    /// <summary>Of these those that have parts, each of which is taken over where the frame does not name it.</summary>
    private static readonly HashSet<string> WithParts = new(StringComparer.Ordinal) { "reasoning", "text" };

    /// <summary>What a request is made from.</summary>
    /// <param name="Request">What is asked for.</param>
    /// <param name="Parent">What it continues; null: nothing.</param>
    /// <param name="IsWhole">Everything said so far is sent, and no parent named.</param>
    /// <param name="Before">Input that comes before the request's own where everything is sent.</param>
    /// <param name="Key">The turn's name, where the server resumes by it.</param>
    /// <param name="Lane">Null: the default one.</param>
    public sealed record Ask(
        ResponseRequest Request, ChainNode? Parent, bool IsWhole, IReadOnlyList<RawJson> Before, string? Key, string? Lane)
    {
        public bool WarmsUp { get; init; }
    }

    /// <summary>Whether the response that is continued has all settings that the turn wants, so that its input is enough.</summary>
    /// <remarks>One that is null now and was not before is taken away, which a frame without a type cannot say.</remarks>
    public static bool CanBeBare(Ask ask) =>
        !ask.IsWhole && !ask.WarmsUp && !ask.Request.NamesAll && ask.Parent is { Settings: { } before }
        && before.Where(pair => TakenOver.Contains(pair.Key) && !pair.Value.IsNull).All(pair => ask.Request.Settings().Any(now =>
            now.Key == pair.Key && !now.Value.IsNull && (!WithParts.Contains(now.Key) || now.Value == pair.Value)));

    /// <summary>A frame without a type: what is new, and the settings that changed.</summary>
    /// <param name="newest">The lane's newest response, which is continued where no other is named.</param>
    public static byte[] Bare(Ask ask, string? newest) => Object(json =>
    {
        if (ask.Parent!.ResponseId != newest) json.WriteString("previous_response_id"u8, ask.Parent.ResponseId);
        WriteInput(json, ask.Request.Input);
        foreach (var (name, value) in ask.Request.Settings())
        {
            var isKnown = TakenOver.Contains(name) && ask.Parent!.Settings!.Any(pair => pair.Key == name && pair.Value == value);
            if (!isKnown) Write(json, name, value);
        }
        WriteNames(json, ask);
    });

    public static byte[] Create(Ask ask) => Object(json =>
    {
        json.WriteString("type"u8, "response.create"u8);
        WriteBody(json, ask);
        if (ask.WarmsUp) json.WriteBoolean("generate"u8, false);
        WriteNames(json, ask);
    });

    /// <summary>The body of a POST.</summary>
    public static byte[] Post(Ask ask, bool streams) => Object(json =>
    {
        WriteBody(json, ask);
        if (ask.Request.Background) json.WriteBoolean("background"u8, true);
        if (streams) json.WriteBoolean("stream"u8, true);
    });

    public static byte[] Resume(string response, long last, string? lane) => Object(json =>
    {
        json.WriteString("type"u8, "response.resume"u8);
        json.WriteString("response_id"u8, response);
        if (last >= 0) json.WriteNumber("starting_after"u8, last);
        if (lane is not null) json.WriteString("stream_id"u8, lane);
    });

    public static byte[] Steer(string response, IReadOnlyList<RawJson> input) => Object(json =>
    {
        json.WriteString("type"u8, "response.steer"u8);
        json.WriteString("previous_response_id"u8, response);
        WriteInput(json, input);
    });

    /// <exception cref="ResponsesException">It is longer than may be sent.</exception>
    public static void Check(byte[] frame, ResponsesOptions options)
    {
        if (frame.Length > options.RequestBytesMax) throw new ResponsesException(ResponsesErrorKind.TooLarge,
            $"The request has {frame.Length} bytes; at most {options.RequestBytesMax} are sent.") { Code = Faults.RequestTooLarge };
    }

    private static void WriteBody(Utf8JsonWriter json, Ask ask)
    {
        foreach (var (name, value) in ask.Request.Settings()) Write(json, name, value);
        if (ask is { Parent: { } parent, IsWhole: false }) json.WriteString("previous_response_id"u8, parent.ResponseId);
        WriteInput(json, ask.IsWhole ? [.. ask.Parent?.AllItems() ?? [], .. ask.Before, .. ask.Request.Input] : ask.Request.Input);
    }

    private static void WriteNames(Utf8JsonWriter json, Ask ask)
    {
        if (ask.Key is not null) json.WriteString("resume_key"u8, ask.Key);
        if (ask.Lane is not null) json.WriteString("stream_id"u8, ask.Lane);
    }

    private static void WriteInput(Utf8JsonWriter json, IReadOnlyList<RawJson> items)
    {
        json.WriteStartArray("input"u8);
        foreach (var item in items) json.WriteRawValue(item.Utf8.Span);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, RawJson value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value.Utf8.Span); // checked: it may be a caller's own
    }

    private static byte[] Object(Action<Utf8JsonWriter> write) => JsonBuffer.Bytes(write, static (json, write) =>
    {
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
    });
}
