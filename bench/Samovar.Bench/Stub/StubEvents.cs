using System.Buffers;
using System.Text.Json;

namespace Samovar.Bench.Stub;

/// <summary>The events of one response, whole objects in UTF-8, in the order of the public protocol.</summary>
internal sealed class StubEvents(StubRequest request, string id, int cachedTokens) : IDisposable
{
    private const string Letters = "the server keeps a list of files and reads each line before it writes the next value ";
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json = new(Stream.Null);
    private int _number;

    /// <summary>The answer's text; empty for a call.</summary>
    public static string TextOf(StubScript script) => Repeat(script.Deltas * script.DeltaBytes);

    private static string Repeat(int bytes) => string.Concat(Enumerable.Repeat(Letters, bytes / Letters.Length + 1))[..bytes];

    /// <summary>Adds to the context what the events say.</summary>
    public static void Keep(StubRequest request)
    {
        var script = request.Context.Script;
        if (IsCall(request)) request.Context.Say("call", $"{request.Tool}({Arguments(script)})");
        else request.Context.Say("assistant", TextOf(script));
    }

    public static bool IsCall(StubRequest request) => request.Context.Script.IsCall && request.Tool is not null;

    /// <summary>A call's, as long as the script wants them.</summary>
    public static string Arguments(StubScript script) => script.ArgumentBytes == 0 ? $$"""{"path":"step-{{script.StepsDone + 1}}"}"""
        : $$"""{"path":"step-{{script.StepsDone + 1}}","text":"{{Repeat(script.ArgumentBytes)}}"}""";

    /// <summary>A text as it is streamed.</summary>
    public static IEnumerable<string> Pieces(string text, StubScript script)
    {
        for (var at = 0; at < text.Length; at += script.DeltaBytes)
            yield return text.Substring(at, Math.Min(script.DeltaBytes, text.Length - at));
    }

    public static int OutputTokens(StubRequest request) =>
        (IsCall(request) ? Arguments(request.Context.Script) : TextOf(request.Context.Script)).Length / PrefixCache.BytesPerToken;

    /// <summary>Each event's bytes are valid until the next one is asked for.</summary>
    public IEnumerable<(string Type, ReadOnlyMemory<byte> Json)> All()
    {
        yield return Snapshot("response.created", "in_progress", null);
        yield return Snapshot("response.in_progress", "in_progress", null);
        foreach (var e in IsCall(request) ? Call() : Message()) yield return e;
        yield return Snapshot("response.completed", "completed", IsCall(request) ? WriteCall : WriteMessage);
    }

    public void Dispose() => _json.Dispose();

    private IEnumerable<(string Type, ReadOnlyMemory<byte> Json)> Message()
    {
        var (text, script) = (TextOf(request.Context.Script), request.Context.Script);
        yield return Item("response.output_item.added", () => WriteMessage("in_progress", null));
        yield return Place("response.content_part.added", () => WritePart(""));
        foreach (var piece in Pieces(text, script))
            yield return Place("response.output_text.delta", () => _json.WriteString("delta"u8, piece));
        yield return Place("response.output_text.done", () => _json.WriteString("text"u8, text));
        yield return Place("response.content_part.done", () => WritePart(text));
        yield return Item("response.output_item.done", WriteMessage);
    }

    private IEnumerable<(string Type, ReadOnlyMemory<byte> Json)> Call()
    {
        var arguments = Arguments(request.Context.Script);
        yield return Item("response.output_item.added", () => WriteCall("in_progress", ""));
        foreach (var piece in Pieces(arguments, request.Context.Script))
            yield return Place("response.function_call_arguments.delta", () => _json.WriteString("delta"u8, piece));
        yield return Place("response.function_call_arguments.done", () => _json.WriteString("arguments"u8, arguments));
        yield return Item("response.output_item.done", WriteCall);
    }

    private (string Type, ReadOnlyMemory<byte> Json) Write(string type, Action body)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        _json.WriteNumber("sequence_number"u8, _number++);
        body();
        _json.WriteEndObject();
        _json.Flush();
        return (type, _buffer.WrittenMemory);
    }

    private (string Type, ReadOnlyMemory<byte> Json) Item(string type, Action item) => Write(type, () =>
    {
        _json.WriteNumber("output_index"u8, 0);
        _json.WritePropertyName("item"u8);
        item();
    });

    private (string Type, ReadOnlyMemory<byte> Json) Place(string type, Action rest) => Write(type, () =>
    {
        _json.WriteString("item_id"u8, ItemId);
        _json.WriteNumber("output_index"u8, 0);
        _json.WriteNumber("content_index"u8, 0);
        rest();
    });

    private (string Type, ReadOnlyMemory<byte> Json) Snapshot(string type, string status, Action? output) => Write(type, () =>
    {
        _json.WriteStartObject("response"u8);
        _json.WriteString("id"u8, id);
        _json.WriteString("object"u8, "response"u8);
        _json.WriteNumber("created_at"u8, 0);
        _json.WriteString("status"u8, status);
        _json.WriteString("model"u8, request.Model);
        _json.WriteStartArray("output"u8);
        output?.Invoke();
        _json.WriteEndArray();
        if (output is not null) WriteUsage();
        _json.WriteEndObject();
    });

    private string ItemId => (IsCall(request) ? "fc" : "msg") + id["resp".Length..];

    private void WriteMessage() => WriteMessage("completed", TextOf(request.Context.Script));

    private void WriteMessage(string status, string? text)
    {
        _json.WriteStartObject();
        _json.WriteString("id"u8, ItemId);
        _json.WriteString("type"u8, "message"u8);
        _json.WriteString("status"u8, status);
        _json.WriteString("role"u8, "assistant"u8);
        _json.WriteStartArray("content"u8);
        if (text is not null)
        {
            _json.WriteStartObject();
            WritePartFields(text);
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    private void WriteCall() => WriteCall("completed", Arguments(request.Context.Script));

    private void WriteCall(string status, string arguments)
    {
        _json.WriteStartObject();
        _json.WriteString("id"u8, ItemId);
        _json.WriteString("type"u8, "function_call"u8);
        _json.WriteString("status"u8, status);
        _json.WriteString("call_id"u8, "call" + id["resp".Length..]);
        _json.WriteString("name"u8, request.Tool);
        _json.WriteString("arguments"u8, arguments);
        _json.WriteEndObject();
    }

    private void WritePart(string text)
    {
        _json.WriteStartObject("part"u8);
        WritePartFields(text);
        _json.WriteEndObject();
    }

    private void WritePartFields(string text)
    {
        _json.WriteString("type"u8, "output_text"u8);
        _json.WriteString("text"u8, text);
        _json.WriteStartArray("annotations"u8);
        _json.WriteEndArray();
    }

    private void WriteUsage()
    {
        var (input, output) = (request.Context.Tokens, OutputTokens(request));
        _json.WriteStartObject("usage"u8);
        _json.WriteNumber("input_tokens"u8, input);
        _json.WriteStartObject("input_tokens_details"u8);
        _json.WriteNumber("cached_tokens"u8, cachedTokens);
        _json.WriteEndObject();
        _json.WriteNumber("output_tokens"u8, output);
        _json.WriteNumber("total_tokens"u8, input + output);
        _json.WriteEndObject();
    }
}
