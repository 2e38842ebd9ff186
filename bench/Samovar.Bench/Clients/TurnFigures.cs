using System.Text.Json;

namespace Samovar.Bench.Clients;

/// <summary>What one turn cost and brought, as its client saw it; reads no more of the events than that needs.</summary>
internal sealed class TurnFigures
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly List<string> _calls = [];
    private readonly List<string> _output = [];
    private readonly Action<ReadOnlyMemory<byte>>? _seen;

    /// <param name="bytesUp">The frame's or the body's.</param>
    /// <param name="seen">Sees each event.</param>
    public TurnFigures(long bytesUp, Action<ReadOnlyMemory<byte>>? seen = null) => (BytesUp, _seen) = (bytesUp, seen);

    /// <summary>Hears of the first output.</summary>
    public Action? Begun { get; init; }

    public long BytesUp { get; }
    public long BytesDown { get; private set; }
    public int Events { get; private set; }
    public string? ResponseId { get; private set; }

    /// <summary>Code or text of what went wrong; null when the turn completed.</summary>
    public string? Error { get; private set; }
    public int InputTokens { get; private set; }
    public int CachedTokens { get; private set; }
    public int OutputTokens { get; private set; }
    public TimeSpan FirstEvent { get; private set; }

    /// <summary>To the first item or piece of one; null where none came.</summary>
    public TimeSpan? FirstOutput { get; private set; }
    public TimeSpan Total { get; private set; }

    /// <summary>Ids of the calls that the turn asks for.</summary>
    public IReadOnlyList<string> Calls => _calls;

    /// <summary>The output items, as they came.</summary>
    public IReadOnlyList<string> Output => _output;

    /// <summary>Takes one event. True: it was the last.</summary>
    public bool Take(ReadOnlyMemory<byte> json)
    {
        if (Events++ == 0) FirstEvent = TimeProvider.System.GetElapsedTime(_started);
        BytesDown += json.Length;
        _seen?.Invoke(json);
        var type = TypeOf(json.Span);
        if (FirstOutput is null
            && (type == "response.output_item.added" || type?.EndsWith(".delta", StringComparison.Ordinal) == true))
        {
            FirstOutput = TimeProvider.System.GetElapsedTime(_started);
            Begun?.Invoke();
        }
        if (type is not ("response.completed" or "response.failed" or "response.incomplete" or "error")) return false;
        Total = TimeProvider.System.GetElapsedTime(_started);
        using var e = JsonDocument.Parse(json);
        if (type == "response.completed" || IsFull(type, e.RootElement)) Finish(e.RootElement.GetProperty("response"));
        else Fail(json);
        return true;
    }

    /// <summary>Takes a response that came whole.</summary>
    public void TakeWhole(ReadOnlyMemory<byte> json)
    {
        (Events, BytesDown) = (1, json.Length);
        FirstEvent = Total = TimeProvider.System.GetElapsedTime(_started);
        try
        {
            using var response = JsonDocument.Parse(json);
            if (TextOf(response.RootElement, "status") == "completed") Finish(response.RootElement);
            else Fail(json);
        }
        catch (JsonException)
        {
            Fail(json); // a page of something on the way
        }
    }

    public void Fail(ReadOnlyMemory<byte> json) => Error = System.Text.Encoding.UTF8.GetString(json.Span);

    public void Fail(string error) => Error = error;

    /// <summary>A turn that said as much as it might is as good as one that came to its own end.</summary>
    private static bool IsFull(string type, JsonElement e) => type == "response.incomplete"
        && e.GetProperty("response").TryGetProperty("incomplete_details", out var why) && TextOf(why, "reason") == "max_output_tokens";

    private void Finish(JsonElement response)
    {
        ResponseId = TextOf(response, "id");
        if (response.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object)
        {
            InputTokens = NumberOf(usage, "input_tokens");
            CachedTokens = usage.TryGetProperty("input_tokens_details", out var details) ? NumberOf(details, "cached_tokens") : 0;
            OutputTokens = NumberOf(usage, "output_tokens");
        }
        foreach (var item in response.GetProperty("output").EnumerateArray())
        {
            _output.Add(item.GetRawText());
            if (TextOf(item, "call_id") is { } call) _calls.Add(call);
        }
    }

    private static string? TextOf(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int NumberOf(JsonElement json, string name) => json.ValueKind == JsonValueKind.Object
        && json.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : 0;

    private static string? TypeOf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isType) return reader.GetString();
            reader.Skip();
        }
        return null;
    }
}
