using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Samovar.Bench.Workloads.Stores;

/// <summary>Requests about what a server stores.</summary>
internal sealed class StoredRequests(HttpClient http)
{
    private const int AtOnce = 8, TextBytes = 200;

    /// <summary>A conversation of so many turns, of two items each.</summary>
    public async Task<string> ConversationAsync(int turns)
    {
        var id = (await PostAsync("/v1/conversations", new { })).GetProperty("id").GetString()!;
        for (var turn = 0; turn < turns; turn++) await TurnAsync(id, turn);
        return id;
    }

    public Task TurnAsync(string conversation, int turn = 0) => PostAsync("/v1/responses", new
    {
        model = "m", store = true, conversation, temperature = 0, input = Speech.OfLength(TextBytes, turn),
    });

    /// <summary>Chat completions, of which each hundredth has the same metadata.</summary>
    public Task CompletionsAsync(int count) => Parallel.ForEachAsync(
        Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (at, _) =>
            await PostAsync("/v1/chat/completions", new
            {
                model = "m", store = true, temperature = 0,
                messages = new[] { new { role = "user", content = Speech.OfLength(TextBytes, at) } },
                metadata = new { hundredth = (at % 100).ToString(CultureInfo.InvariantCulture), number = $"{at}" },
            }));

    /// <summary>The id of an item that is far from both ends of a list.</summary>
    public async Task<string> MiddleAsync(string path, int count)
    {
        string? after = null;
        for (var passed = 0; ; passed += 100)
        {
            var page = await ReadAsync($"{path}?order=asc&limit=100" + (after is null ? "" : $"&after={after}"));
            if (passed + 100 > count / 2) return page.GetProperty("data")[count / 2 - passed].GetProperty("id").GetString()!;
            after = page.GetProperty("last_id").GetString();
        }
    }

    public async Task GetAsync(string path)
    {
        using var reply = await http.GetAsync(path);
        reply.EnsureSuccessStatusCode();
        await reply.Content.ReadAsByteArrayAsync();
    }

    private Task<JsonElement> ReadAsync(string path) => http.GetFromJsonAsync<JsonElement>(path);

    private async Task<JsonElement> PostAsync(string path, object body)
    {
        using var reply = await http.PostAsJsonAsync(path, body);
        reply.EnsureSuccessStatusCode();
        return await reply.Content.ReadFromJsonAsync<JsonElement>();
    }
}
