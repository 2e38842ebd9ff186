using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;
using Samovar.Testing.Stores;

namespace Samovar.Bench.Workloads.Stores;

/// <summary>
/// Kills the server without a word at random points of stored conversations, starts it again and looks: each response that a client saw
/// completed is there with all that was said before it, nothing that it did not see completed is there by halves, and every conversation
/// goes on.
/// </summary>
/// <param name="Model">The GGUF that the server serves.</param>
/// <param name="Kills">How often.</param>
/// <param name="Stored">Responses that lie in the store before.</param>
/// <param name="IsPostgres">Whether the store is a PostgreSQL of the workload's own, else a file.</param>
internal sealed record KillsWorkload(string Model, int Kills, int Stored, bool IsPostgres)
{
    private const int Conversations = 4, TurnsMax = 40;
    private static readonly TimeSpan AliveMax = TimeSpan.FromMilliseconds(600), StartMax = TimeSpan.FromMinutes(1);
    private readonly Random _random = new(4711);

    public async Task RunAsync()
    {
        using var folder = new ScratchFolder(null);
        var (database, reason) = IsPostgres ? await PostgresServer.TryStartAsync(isDurable: true) : (null, "");
        if (IsPostgres && database is null) throw new InvalidOperationException(reason);
        await using var ends = database;
        var store = database is null ? StoreHost.Sqlite(folder.Path) : StoreHost.Postgres(database);
        store["Server:DataPath"] = folder.Path;
        await FillAsync(store);
        var (starts, survivors, halves) = (new List<double>(), 0, 0);
        var talks = new List<Conversation>();
        for (var kill = 0; kill <= Kills; kill++)
        {
            var began = Stopwatch.GetTimestamp();
            await using var server = await StartAsync(store);
            starts.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            using var http = new HttpClient { BaseAddress = new Uri(server.BaseUrl, "/") };
            foreach (var talk in talks) (survivors, halves) = await LookAsync(http, talk, survivors, halves);
            if (kill == Kills) break;
            talks.RemoveAll(talk => talk.Said.Count > TurnsMax);
            while (talks.Count < Conversations) talks.Add(new Conversation());
            var talking = Task.WhenAll(talks.Select(talk => TalkAsync(server.BaseUrl, talk)));
            await Task.Delay(AliveMax * _random.NextDouble());
            server.Kill();
            await talking;
        }
        var table = new Table("kills", "responses seen completed and found whole", "begun ones found whole", "start s, median", "longest");
        table.Row($"{Kills}", $"{survivors}", $"{halves}", Figures.Show(Figures.Median(starts), 2), Figures.Show(starts.Max(), 2));
    }

    private async Task FillAsync(Dictionary<string, string?> store)
    {
        await using var host = await StoreHost.StartAsync(store);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async at =>
        {
            await using var talk = await StoredTalk.OpenAsync(host.Server.Address);
            for (var turn = 0; turn < Stored / 16; turn++)
            {
                if (turn % 20 == 0) talk.Last = null;
                await talk.TurnAsync(Speech.OfLength(300, at * 1000 + turn));
            }
        }));
    }

    private Task<ServerProcess> StartAsync(Dictionary<string, string?> store)
    {
        var environment = store.ToDictionary(setting => "SAMOVAR_" + setting.Key.Replace(":", "__", StringComparison.Ordinal),
            setting => setting.Value!, StringComparer.Ordinal);
        return ServerProcess.StartAsync(["Samovar.Cli.dll"],
            ["--model", Model, "--ctx", "8192", "--streams", "4", "--log-level", "Error", "--device", "cpu"], environment, StartMax);
    }

    private static async Task TalkAsync(Uri server, Conversation talk)
    {
        try
        {
            await using var socket = await StoredTalk.OpenAsync(server, keepsSaid: true);
            socket.Last = talk.Last;
            try
            {
                for (var turn = 0; ; turn++)
                {
                    await socket.TurnAsync($"question {talk.Said.Count + socket.Said.Count}", new Dictionary<string, object?>
                    {
                        ["max_output_tokens"] = 16,
                    });
                }
            }
            finally
            {
                (talk.Last, talk.Begun) = (socket.Last, socket.Begun);
                talk.Said.AddRange(socket.Said);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or HttpRequestException || IsClosed(exception))
        {
            // the server was killed
        }
    }

    private static bool IsClosed(Exception exception) => exception is InvalidOperationException
        && exception.Message.StartsWith("The server closed", StringComparison.Ordinal);

    private static async Task<(int Survivors, int Halves)> LookAsync(HttpClient http, Conversation talk, int survivors, int halves)
    {
        if (talk.Begun is { } begun)
        {
            using var found = await http.GetAsync($"/v1/responses/{begun}");
            if (found.StatusCode == HttpStatusCode.OK)
            {
                halves++;
                var status = JsonDocument.Parse(await found.Content.ReadAsStringAsync()).RootElement.GetProperty("status").GetString();
                if (status is not ("completed" or "incomplete")) throw new InvalidOperationException($"{begun} is {status}.");
            }
            else if (found.StatusCode != HttpStatusCode.NotFound) throw new InvalidOperationException($"{begun}: {found.StatusCode}.");
            talk.Begun = null;
        }
        if (talk.Last is null) return (survivors, halves);
        var texts = await TextsAsync(http, talk.Last);
        if (!texts.SequenceEqual(talk.Said, StringComparer.Ordinal))
            throw new InvalidOperationException($"{talk.Last} is not what was said: {texts.Count} texts for {talk.Said.Count}.");
        return (survivors + 1, halves);
    }

    /// <summary>All that was said up to a response, itself included.</summary>
    private static async Task<List<string>> TextsAsync(HttpClient http, string id)
    {
        var (texts, after) = (new List<string>(), "");
        while (true)
        {
            var items = await http.GetStringAsync($"/v1/responses/{id}/input_items?order=asc&limit=100{after}");
            var page = JsonDocument.Parse(items).RootElement;
            texts.AddRange(page.GetProperty("data").EnumerateArray().Select(Text));
            if (!page.GetProperty("has_more").GetBoolean()) break;
            after = "&after=" + page.GetProperty("last_id").GetString();
        }
        var whole = JsonDocument.Parse(await http.GetStringAsync($"/v1/responses/{id}")).RootElement;
        texts.AddRange(whole.GetProperty("output").EnumerateArray().Select(Text));
        return texts;
    }

    private static string Text(JsonElement item) =>
        string.Concat(item.GetProperty("content").EnumerateArray().Select(part => part.GetProperty("text").GetString()));

    /// <summary>One that goes on over the kills.</summary>
    private sealed class Conversation
    {
        public string? Last { get; set; }
        public string? Begun { get; set; }
        public List<string> Said { get; } = [];
    }
}
