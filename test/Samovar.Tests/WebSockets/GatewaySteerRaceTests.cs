using System.Collections.Concurrent;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.WebSockets;

/// <summary>
/// Words, cancels and lost upstreams in any order, through a gateway: every word has one fate, and every response one end.
/// </summary>
public sealed class GatewaySteerRaceTests
{
    private const int Rounds = 40;

    [Theory]
    [InlineData(1, "samovar")]
    [InlineData(2, "openai")]
    [InlineData(3, "xai")]
    public async Task EveryWord_IsTakenOrSentBack(int seed, string dialect)
    {
        var random = new Random(seed);
        var backend = new ScriptedBackend(new IdSource());
        var taken = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        backend.OnPhase = async (turn, phase, ends) =>
        {
            if (phase == ScriptPhase.Begun)
                foreach (var item in turn.Context.Input)
                    taken.AddOrUpdate(item.Json.ToString(), 1, (_, count) => count + 1);
            if (phase is ScriptPhase.ItemStarted or ScriptPhase.Speaking)
                for (var i = 0; i < 300 && !ends.IsCancellationRequested; i++) await Task.Yield();
        };
        await using var behind = await RunningServer.StartAsync(backend);
        await using var proxy = new CuttingProxy(behind.Address);
        await using var server = await StartAsync(new Uri(proxy.Address, "/v1").ToString(), dialect);
        await using var client = await server.ConnectAsync();
        var accepted = 0;
        for (var round = 0; round < Rounds; round++) accepted += await PlayAsync(client, proxy, random, round, taken);
        Assert.InRange(accepted, 1, 3 * Rounds); // most come while their response is made, but where others use the machine
    }

    /// <returns>Words that were accepted.</returns>
    private static async Task<int> PlayAsync(
        ClientSocket client, CuttingProxy proxy, Random random, int round, ConcurrentDictionary<string, int> taken)
    {
        await client.SendAsync(Create($"[[final=round {round} says something]]"));
        var seen = new List<JsonElement>();
        await UntilAsync(e => Type(e) is "response.created" or "error");
        var id = seen[^1].TryGetProperty("response", out var response) ? response.GetProperty("id").GetString()! : "resp_none";
        var words = Enumerable.Range(0, random.Next(4)).Select(at => $"word {round}.{at}").ToList();
        foreach (var word in words)
        {
            await client.SendAsync($$"""{"type":"response.steer","previous_response_id":"{{id}}","input":"{{word}}"}""");
            if (random.Next(6) == 0) await client.SendAsync("""{"type":"response.cancel"}""");
            if (random.Next(8) == 0) proxy.Cut();
        }
        await client.SendAsync(Create($"[[final=END {round}]]"));
        await UntilAsync(e => ClientSocket.IsTerminal(e) && e.GetRawText().Contains($"END {round}", StringComparison.Ordinal)
            || Type(e) == "error" && !e.GetRawText().Contains("response_cancel_not_active", StringComparison.Ordinal));
        foreach (var word in words)
        {
            if (!IsTaken(word) && Back(word) == 0) await UntilAsync(_ => Back(word) > 0); // refusals wait for no lane, and no lane for them
            Assert.InRange(Back(word), IsTaken(word) ? 0 : 1, 1);
        }
        Assert.Equal(seen.Count(e => Type(e) == "response.created"), seen.Count(e => ClientSocket.IsTerminal(e) && Type(e) != "error"));

        return seen.Count(e => Type(e) == "response.steer.accepted");

        bool IsTaken(string word) => taken.Keys.Any(item => item.Contains($"\"{word}\"", StringComparison.Ordinal));

        int Back(string word) => seen.Count(e =>
            Type(e) == "response.steer.failed" && e.GetProperty("steer").GetProperty("input").GetString() == word);

        async Task UntilAsync(Func<JsonElement, bool> isIt)
        {
            do seen.Add(await Soon.In(client.ReceiveAsync()));
            while (!isIt(seen[^1]));
        }
    }

    private static Task<RunningServer> StartAsync(string baseUrl, string dialect) =>
        RunningServer.StartAsync(null, new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Upstream:Pools:0:Name"] = "p",
            ["Upstream:Pools:0:Destinations:0:Name"] = "a",
            ["Upstream:Pools:0:Destinations:0:Kind"] = "responses-ws",
            ["Upstream:Pools:0:Destinations:0:Dialect"] = dialect,
            ["Upstream:Pools:0:Destinations:0:BaseUrl"] = baseUrl,
            ["Upstream:Pools:0:Destinations:0:Models:0"] = "m=scripted",
            ["Upstream:CircuitFailures"] = "1000",
            ["Upstream:RetryDelay"] = "00:00:00.010",
            ["Upstream:SuccessorTimeMax"] = "00:00:02",
        });

    private static string Create(string text) => $$"""{"type":"response.create","model":"m","store":false,"input":"{{text}}"}""";
    private static string? Type(JsonElement e) => e.GetProperty("type").GetString();
}
