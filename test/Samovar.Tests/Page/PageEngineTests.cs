using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Page;

/// <summary>Where the embedded engine's KV is, as the page shows it.</summary>
public sealed class PageEngineTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lanes_ShowTheirStream_AndTheStartTheyShare()
    {
        var model = RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32);
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = model, ["Engine:Streams"] = "2", ["Engine:ContextTokens"] = "1024", ["Engine:Threads"] = "1",
            ["Page:Interval"] = "00:00:00.05", ["Page:MapInterval"] = "00:00:00.05",
        });
        using var page = await PageStream.OpenAsync(server, cancelled: Cancelled);
        await using var socket = await server.ConnectAsync();
        foreach (var lane in new[] { "a", "b", "c" })
            await socket.AskAsync($$"""
                {"type":"response.create","model":"m","store":false,"stream_id":"{{lane}}","max_output_tokens":16,
                 "instructions":"You are a helper who answers in few words, and never says more than was asked for by anybody.",
                 "input":"{{lane}} is the first letter of this question"}
                """);
        var state = await page.UntilAsync(
            now => now.Lanes.Count == 3 && now.Lanes.Values.All(lane => lane.Kv is "stream" or "memory") && now.Prefixes.Count > 0,
            Cancelled);
        var streams = state.Lanes.Values.Where(lane => lane.Kv == "stream").ToList();
        Assert.Equal(["0", "1"], streams.Select(lane => lane.KvAt).Order());
        Assert.Null(Assert.Single(state.Lanes.Values, lane => lane.Kv == "memory").KvAt);
        var shared = state.Prefixes.Values.MaxBy(prefix => prefix.Users.Count)!;
        Assert.Equal(state.Lanes.Keys.Order(), shared.Users.Order());
        Assert.InRange(shared.Tokens, 20, state.Lanes.Values.Min(lane => lane.ContextTokens));
        Assert.True(shared.Hits >= 2, "two turns began with it");
        Assert.True(state.Totals.KvTokens!["stream"] > 0 && state.Totals.KvTokens["memory"] > 0);
        Assert.Equal(2, state.Server.Streams);
        var served = Assert.Single(state.Models.Values);
        Assert.Equal((state.Server.Model, "loaded", 2, 1), (served.Name, served.State, served.Streams, (int)served.Loads));
    }

    [Fact]
    public async Task LaneWhoseStateOnlyFilesHave_ShowsTheDisk()
    {
        var model = RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32);
        var folder = Directory.CreateTempSubdirectory("samovar-page-disk-");
        try
        {
            await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string?>
            {
                ["Engine:ModelPath"] = model, ["Engine:Streams"] = "1", ["Engine:ContextTokens"] = "1024", ["Engine:Threads"] = "1",
                ["Engine:ParkedBytesMax"] = "0", ["Engine:DiskBytesMax"] = "100000000",
                ["Engine:DiskPath"] = Path.Combine(folder.FullName, "state"), ["Server:DataPath"] = folder.FullName,
                ["Compaction:KeyFile"] = Path.Combine(folder.FullName, "seal.key"),
                ["Page:Interval"] = "00:00:00.05", ["Page:MapInterval"] = "00:00:00.05",
            });
            using var page = await PageStream.OpenAsync(server, cancelled: Cancelled);
            await using var socket = await server.ConnectAsync();
            foreach (var lane in new[] { "first", "other" })
                await socket.AskAsync($$"""
                    {"type":"response.create","model":"m","store":true,"stream_id":"{{lane}}","max_output_tokens":16,
                     "instructions":"{{lane}} of all: you are a helper who answers in few words, and never says more than was asked for.",
                     "input":"what is the first letter of this question?"}
                    """);
            var state = await page.UntilAsync(now => now.Lanes.Count == 2 && now.Totals.KvTokens?["disk"] > 0
                && now.Lanes.Values.All(lane => lane.Kv is "disk" or "stream"), Cancelled);
            Assert.Equal(["disk", "stream"], state.Lanes.Values.Select(lane => lane.Kv).Order());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
