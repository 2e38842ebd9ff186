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
            FirstOutput = TimeProvider.System.GetElapsedTime(_started);
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
        using var response = JsonDocument.Parse(json);
        if (response.RootElement.TryGetProperty("status", out var status) && status.GetString() == "completed")
            Finish(response.RootElement);
        else Fail(json);
    }

    public void Fail(ReadOnlyMemory<byte> json) => Error = System.Text.Encoding.UTF8.GetString(json.Span);

    public void Fail(string error) => Error = error;

    /// <summary>A turn that said as much as it might is as good as one that came to its own end.</summary>
    private static bool IsFull(string type, JsonElement e) => type == "response.incomplete"
        && e.GetProperty("response").GetProperty("incomplete_details").GetProperty("reason").GetString() == "max_output_tokens";

    private void Finish(JsonElement response)
    {
        ResponseId = response.GetProperty("id").GetString();
        var usage = response.GetProperty("usage");
        InputTokens = usage.GetProperty("input_tokens").GetInt32();
        CachedTokens = usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32();
        OutputTokens = usage.GetProperty("output_tokens").GetInt32();
        foreach (var item in response.GetProperty("output").EnumerateArray())
        {
            _output.Add(item.GetRawText());
            if (item.TryGetProperty("call_id", out var call)) _calls.Add(call.GetString()!);
        }
    }

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
