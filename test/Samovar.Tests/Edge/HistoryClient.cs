using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Samovar.Tests.Edge;

/// <summary>What an agent heard of one turn.</summary>
/// <param name="CallId">Of the call that it is to answer; null: there is none.</param>
/// <param name="Error">What it was told went wrong; null: nothing.</param>
/// <param name="Silences">Comments and pings.</param>
internal sealed record HeardTurn(string Text, string? CallId, string? Error, int Silences, HttpStatusCode Status)
{
    public bool IsEnded { get; init; }
}

/// <summary>An agent that keeps its whole history and sends it with every request, as a stream, in one of three protocols.</summary>
internal abstract class HistoryClient(HttpClient http)
{
    private int _silences;

    protected JsonArray History { get; } = [];
    protected abstract string Path { get; }

    /// <summary>Bytes of all request bodies.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Goes on the key's way.</summary>
    public string? Key { get; init; }

    /// <summary>What stands before every conversation.</summary>
    public string Instructions { get; init; } = "You are an agent. " + new string('s', 2000);

    /// <summary>Called when it hears that it has to wait.</summary>
    public Action? OnSilence { get; set; }

    /// <summary>Called at each piece of text.</summary>
    public Action? OnText { get; set; }

    public static HistoryClient Of(string protocol, HttpClient http, string? key = null) => protocol switch
    {
        "chat" => new ChatHistory(http) { Key = key },
        "messages" => new MessagesHistory(http) { Key = key },
        _ => new ResponsesHistory(http) { Key = key },
    };

    public Task<HeardTurn> SayAsync(string text)
    {
        History.Add(new JsonObject { ["role"] = "user", ["content"] = text });
        return AskAsync();
    }

    public Task<HeardTurn> AnswerAsync(string callId, string output)
    {
        History.Add(Output(callId, output));
        return AskAsync();
    }

    /// <summary>A task to its end.</summary>
    /// <returns>The last turn, and how many there were.</returns>
    public async Task<(HeardTurn Last, int Turns)> WorkAsync(string task, string output)
    {
        var (turn, turns) = (await SayAsync(task), 1);
        for (; turn is { Error: null, CallId: { } call }; turns++) turn = await AnswerAsync(call, output);
        return (turn, turns);
    }

    protected abstract JsonObject Body();

    protected abstract JsonNode Output(string callId, string output);

    protected abstract HeardTurn Read(IReadOnlyList<JsonElement> events);

    protected void HeardText() => OnText?.Invoke();

    protected virtual void Hear(JsonElement e) { }

    private async Task<HeardTurn> AskAsync()
    {
        var body = Body().ToJsonString();
        BytesSent += body.Length;
        using var request = new HttpRequestMessage(HttpMethod.Post, Path);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (Key is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Key}");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        _silences = 0;
        var events = new List<JsonElement>();
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        if (!response.IsSuccessStatusCode)
            return new HeardTurn("", null, await lines.ReadToEndAsync(), 0, response.StatusCode);
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(':') || line == "event: ping") Silence();
            if (!line.StartsWith("data: {", StringComparison.Ordinal)) continue;
            events.Add(JsonDocument.Parse(line["data: ".Length..]).RootElement);
            Hear(events[^1]);
        }
        return Read(events) with { Silences = _silences, Status = response.StatusCode };
    }

    private void Silence()
    {
        _silences++;
        OnSilence?.Invoke();
    }

    protected static string? ErrorIn(IEnumerable<JsonElement> events) => events
        .Where(e => e.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
        .Select(e => e.GetProperty("error").GetRawText()).FirstOrDefault();
}
