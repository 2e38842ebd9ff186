using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Cli.Top;
using Samovar.Server.Monitoring.Status;
using Samovar.Testing;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;
using Samovar.Tests.Page;

namespace Samovar.Tests.Backends.Models;

/// <summary>What is said of each of several models: its state, its memory, its template, and what it does.</summary>
public sealed class NamedModelHealthTests : IDisposable
{
    private const int Context = 1024, Streams = 2;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-named-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Health_SaysOfEachModel_ItsMemory_AndWhyItsTemplateIsNotUsed()
    {
        await using var server = await StartAsync();
        Assert.All(await ServedAsync(server), static model =>
        {
            Assert.Equal("unloaded", model.GetProperty("state").GetString());
            Assert.Equal(JsonValueKind.Null, model.GetProperty("template").ValueKind);
            Assert.Equal(JsonValueKind.Null, model.GetProperty("memory").ValueKind);
        });
        foreach (var name in new[] { "broken", "fine" }) await AskAsync(server, name);
        var (broken, fine) = await ServedAsync(server) is [var one, var other] ? (one, other) : default;

        var template = broken.GetProperty("template");
        Assert.Equal("chatml", template.GetProperty("used").GetString());
        Assert.Equal((2, 4), (template.GetProperty("line").GetInt32(), template.GetProperty("column").GetInt32()));
        Assert.Equal("{% trans %}", template.GetProperty("construct").GetString());
        Assert.Contains("'trans' is not known", template.GetProperty("fault").GetString(), StringComparison.Ordinal);
        Assert.False(fine.GetProperty("template").TryGetProperty("fault", out _));

        var memory = fine.GetProperty("memory");
        Assert.Equal("plain", memory.GetProperty("kind").GetString());
        Assert.Equal(new FileInfo(PathOf("fine")).Length, memory.GetProperty("weights_bytes").GetInt64());
        const int BytesPerToken = 4 * 2 * (32 + 32) * 4; // layers, heads, keys and values, f32
        Assert.Equal(Streams * Context * BytesPerToken, memory.GetProperty("cells_bytes").GetInt64());
        Assert.Equal(64 << 20, memory.GetProperty("parked_bytes_max").GetInt64());
        Assert.Equal(
            memory.GetProperty("weights_bytes").GetInt64() + memory.GetProperty("cells_bytes").GetInt64() + (64 << 20),
            fine.GetProperty("bytes").GetInt64());
        Assert.Equal((Context, Streams), (fine.GetProperty("context_tokens").GetInt32(), fine.GetProperty("streams").GetInt32()));
        Assert.InRange(fine.GetProperty("counters").GetProperty("stream_tokens").GetInt64(), 10, Context);
    }

    [Fact]
    public async Task Health_OfASingleModel_SaysItsMemory()
    {
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = Write("fine"), ["Engine:ContextTokens"] = "1024", ["Engine:Streams"] = "1", ["Engine:Threads"] = "1",
        });
        var memory = (await HealthAsync(server)).GetProperty("model").GetProperty("memory");
        Assert.Equal(("plain", new FileInfo(PathOf("fine")).Length),
            (memory.GetProperty("kind").GetString(), memory.GetProperty("weights_bytes").GetInt64()));
    }

    [Fact]
    public async Task Page_AndTop_ShowEachModel_WithWhatItHoldsAndSaid()
    {
        await using var server = await StartAsync();
        using var page = await PageStream.OpenAsync(server, cancelled: Soon.Token);
        await AskAsync(server, "fine");
        var state = await page.UntilAsync(
            static now => now.Models.GetValueOrDefault("fine") is { OutputTokens: > 0, KvTokens: > 0 }, Soon.Token);
        Assert.Equal(["broken", "fine"], state.Models.Keys.Order(StringComparer.Ordinal));
        var (broken, fine) = (state.Models["broken"], state.Models["fine"]);
        Assert.Equal(("unloaded", 0, 0L), (broken.State, broken.Streams, broken.KvTokensMax));
        Assert.Equal(("loaded", Streams, (long)Streams * Context), (fine.State, fine.Streams, fine.KvTokensMax));
        Assert.True(fine.Bytes > 0 && fine.InputTokens > 0);

        using var client = new StatusClient(server.Address, null);
        var report = (await client.AskAsync(Soon.Token)).Report!;
        var later = report with { At = report.At.AddSeconds(2), Models = [.. report.Models!.Select(Faster)] };
        var text = TopTerminal.Text(TopScreen.Of(later, report, 200, 0), 200, withColours: false);
        Assert.Matches(@"(?m)^model +state +uses +waiting +memory +KV +tok/s +streams ", text);
        Assert.Matches(@"(?m)^broken +unloaded ", text);
        Assert.Matches(@"(?m)^fine +loaded +\d +0 +\d+(\.\d)? MB +\d+(\.\d)? % +50 +\d/2 ", text);
    }

    /// <summary>As 100 tokens later.</summary>
    private static Server.Http.ServedModelStatus Faster(Server.Http.ServedModelStatus model) => model with
    {
        Counters = model.Counters is { } counters ? counters with { OutputTokens = counters.OutputTokens + 100 } : null,
    };

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(null, new Dictionary<string, string?>
    {
        ["Models:Served:broken:Path"] = Write("broken", "a\n{% trans %}b{% endtrans %}"), ["Models:Served:fine:Path"] = Write("fine"),
        ["Engine:ContextTokens"] = "1024", ["Engine:Streams"] = "2", ["Engine:Threads"] = "1", ["Engine:KvType"] = "f32",
        ["Models:Served:fine:ParkedBytesMax"] = "67108864", ["Page:Interval"] = "00:00:00.05",
    });

    private string PathOf(string name) => Path.Combine(_folder.FullName, name + ".gguf");

    private string Write(string name, string? template = null)
    {
        RandomModel.Write(PathOf(name), RandomModelSize.Tiny, WeightType.F32, template: template);
        return PathOf(name);
    }

    private static async Task AskAsync(RunningServer server, string name)
    {
        var answer = await server.Http.PostAsJsonAsync(new Uri("/v1/responses", UriKind.Relative),
            new { model = name, input = "What is it?", stream = true, store = true, max_output_tokens = 16 }, Soon.Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Soon.Token));
        await answer.Content.ReadAsStringAsync(Soon.Token);
    }

    private static async Task<JsonElement[]> ServedAsync(RunningServer server) =>
        [.. (await HealthAsync(server)).GetProperty("served_models").EnumerateArray()];

    private static async Task<JsonElement> HealthAsync(RunningServer server) => JsonDocument.Parse(
        await server.Http.GetStringAsync(new Uri("/health", UriKind.Relative), Soon.Token)).RootElement;
}
