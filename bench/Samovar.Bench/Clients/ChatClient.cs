using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace Samovar.Bench.Clients;

/// <summary>One turn of a client of the Chat Completions protocol, which sends its whole history each time.</summary>
internal static class ChatClient
{
    private static readonly HttpMessageInvoker Http = new(new SocketsHttpHandler { UseCookies = false, ActivityHeadersPropagator = null });

    /// <param name="messages">JSON objects.</param>
    /// <param name="settings">Further fields, each with a comma before it.</param>
    /// <param name="begun">Hears of the first text.</param>
    /// <param name="refused">Hears what the server says instead of an answer.</param>
    /// <param name="closes">Whether the turn has a connection of its own: some servers close theirs while the next request is sent.</param>
    /// <returns>Null when the server refused the turn.</returns>
    public static async Task<ChatAnswer?> AskAsync(Uri server, IEnumerable<string> messages, string settings = "",
        Action? begun = null, Action<string>? refused = null, bool closes = false, CancellationToken late = default)
    {
        var body = """{"model":"bench","stream":true,"stream_options":{"include_usage":true},"messages":["""
            + string.Join(',', messages) + "]" + settings + "}";
        var started = TimeProvider.System.GetTimestamp();
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var request = new HttpRequestMessage(HttpMethod.Post, ResponsesAddress.Of(server, "chat/completions")) { Content = content };
        if (closes) request.Headers.ConnectionClose = true;
        using var response = await Http.SendAsync(request, late);
        if (!response.IsSuccessStatusCode)
        {
            refused?.Invoke(await response.Content.ReadAsStringAsync(late));
            return null;
        }
        var answer = new ChatAnswer();
        await using var stream = await response.Content.ReadAsStreamAsync(late);
        await foreach (var e in SseParser.Create(stream).EnumerateAsync(late))
        {
            if (e.Data != "[DONE]") answer.Take(e.Data);
            if (!answer.HasText || answer.FirstText is not null) continue;
            answer.FirstText = TimeProvider.System.GetElapsedTime(started);
            begun?.Invoke();
        }
        answer.Total = TimeProvider.System.GetElapsedTime(started);
        answer.FirstText ??= answer.Total;
        return answer;
    }

    /// <summary>A message as JSON.</summary>
    public static string Message(string role, string text) =>
        $$"""{"role":"{{role}}","content":"{{JsonEncodedText.Encode(text)}}"}""";
}

/// <summary>What a chat turn brought.</summary>
internal sealed class ChatAnswer
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();
    public bool HasText => _text.Length > 0;
    public int InputTokens { get; private set; }
    public int CachedTokens { get; private set; }
    public int OutputTokens { get; private set; }

    /// <summary>From the request to the first text; to the end where there was none.</summary>
    public TimeSpan? FirstText { get; set; }
    public TimeSpan Total { get; set; }

    public void Take(string chunk)
    {
        using var json = JsonDocument.Parse(chunk);
        foreach (var choice in json.RootElement.GetProperty("choices").EnumerateArray())
            if (choice.GetProperty("delta").TryGetProperty("content", out var content)) _text.Append(content.GetString());
        if (!json.RootElement.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object) return;
        InputTokens = usage.GetProperty("prompt_tokens").GetInt32();
        OutputTokens = usage.GetProperty("completion_tokens").GetInt32();
        CachedTokens = usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
    }
}
