using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Models;

namespace Samovar.Tests.Hosting;

/// <summary>One of several servers of a database, and a client of it.</summary>
internal sealed class SharingServer(ServerProcess process) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = Soon.Patience;
    private static readonly TimeSpan AskedAgainAfter = TimeSpan.FromMilliseconds(100);
    private readonly HttpClient _http = new() { BaseAddress = process.Address, Timeout = Patience };

    public ServerProcess Process => process;
    public HttpClient Http => _http;

    private const int TopLogprobs = 5;

    /// <summary>What is asked for by default is short, greedy and stored, and says how likely each token was.</summary>
    public static Dictionary<string, object?> Ask(string text, string? previous = null, string? conversation = null, int tokens = 24) =>
        new(StringComparer.Ordinal)
        {
            ["model"] = "m", ["input"] = text, ["previous_response_id"] = previous, ["conversation"] = conversation, ["store"] = true,
            ["instructions"] = "Be short.", ["max_output_tokens"] = tokens, ["temperature"] = 0,
            ["include"] = new[] { "message.output_text.logprobs" }, ["top_logprobs"] = TopLogprobs,
        };

    /// <summary>What is answered without an end, and stored: the model cannot say that it is done.</summary>
    /// <param name="tokens">Of which the answer has as many where nobody ends it: 1,500 take the tiny model four seconds, four times as
    /// many a minute.</param>
    /// <param name="size">Of the server's model; null is the tiny one.</param>
    public static Dictionary<string, object?> AskWithoutEnd(string? previous = null, int tokens = 1500, RandomModelSize? size = null)
    {
        var ask = Ask("Count to a million.", previous, tokens: tokens);
        ask["include"] = ask["top_logprobs"] = null;
        ask["logit_bias"] = RandomModel.EndTokens(size ?? RandomModelSize.Tiny)
            .ToDictionary(static token => token.ToString(CultureInfo.InvariantCulture), static _ => -100);
        return ask;
    }

    public async Task<Answer> PostAsync(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        return await Answer.OfAsync(answer);
    }

    public Task<Answer> TryAsync(Dictionary<string, object?> body) => PostAsync("/v1/responses", body);

    /// <summary>A turn that ends well.</summary>
    public async Task<Answer> CreateAsync(Dictionary<string, object?> body)
    {
        var answer = await BeginAsync(body);
        Assert.True(answer.IsWon, answer.Body.GetRawText());
        return answer;
    }

    /// <summary>The answer, asked for again where the database did not answer in its time, since other tests use the machine, too, and
    /// where a node begins another life just then.</summary>
    public Task<Answer> BeginAsync(Dictionary<string, object?> body) =>
        UntilAsync(() => TryAsync(body), static answer =>
            answer.Status != HttpStatusCode.ServiceUnavailable || answer.Code is not ("store_unavailable" or "server_is_stopping"));

    public async Task<Answer> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(path);
        return await Answer.OfAsync(answer);
    }

    public async Task DeleteAsync(string path)
    {
        using var answer = await _http.DeleteAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>The first answer that is as it should be in the end.</summary>
    public static async Task<Answer> UntilAsync(Func<Task<Answer>> ask, Func<Answer, bool> isEnd)
    {
        using var late = new CancellationTokenSource(Patience);
        while (true)
        {
            var answer = await ask();
            if (isEnd(answer)) return answer;
            await Task.Delay(AskedAgainAfter, late.Token);
        }
    }

    /// <summary>A turn whose client reads along; it has its first words when this returns.</summary>
    public async Task<StreamedTurn> StreamAsync(Dictionary<string, object?> body)
    {
        body["stream"] = true;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = JsonContent.Create(body) };
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var turn = new StreamedTurn(answer, new StreamReader(await answer.Content.ReadAsStreamAsync()));
        await turn.ReadUntilAsync("response.output_text.delta");
        return turn;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await process.DisposeAsync(); // a stopped one, too
    }
}

/// <summary>What a server answered.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonElement Body)
{
    public static async Task<Answer> OfAsync(HttpResponseMessage answer) =>
        new(answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);

    public string Id => Body.GetProperty("id").GetString()!;
    public string? State => Body.TryGetProperty("status", out var status) ? status.GetString() : null;
    public string? Code => Body.GetProperty("error").GetProperty("code").GetString();
    public bool IsWon => Status == HttpStatusCode.OK && State is "completed" or "incomplete";
    public string ItemId => Body.GetProperty("output")[0].GetProperty("id").GetString()!;
    public int InputTokens => Body.GetProperty("usage").GetProperty("input_tokens").GetInt32();
    public int CachedTokens =>
        Body.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32();
    public string Text => string.Concat(Parts.Select(static part => part.GetProperty("text").GetString()));

    /// <summary>Each token, how likely it was, and what else could have come.</summary>
    public IReadOnlyList<string> Logprobs =>
        [.. Parts.SelectMany(static part => part.GetProperty("logprobs").EnumerateArray()).Select(static step => step.GetRawText())];

    private IEnumerable<JsonElement> Parts =>
        Body.GetProperty("output").EnumerateArray().SelectMany(static item => item.GetProperty("content").EnumerateArray());
}

/// <summary>A turn as its client reads it.</summary>
internal sealed record StreamedTurn(HttpResponseMessage Answer, StreamReader Lines) : IDisposable
{
    /// <summary>The next event of that type, or the last one that there is.</summary>
    public async Task<JsonElement> ReadUntilAsync(string type)
    {
        using var late = new CancellationTokenSource(Soon.Patience);
        var last = default(JsonElement);
        while (await Lines.ReadLineAsync(late.Token) is { } line)
        {
            if (!line.StartsWith("data: {", StringComparison.Ordinal)) continue;
            last = JsonDocument.Parse(line["data: ".Length..]).RootElement;
            if (last.GetProperty("type").GetString() == type) break;
        }
        return last;
    }

    public Task<JsonElement> ReadEndAsync() => ReadUntilAsync("nothing more");

    public void Dispose()
    {
        Lines.Dispose();
        Answer.Dispose();
    }
}
