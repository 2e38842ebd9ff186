using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Cli.Commands;
using Samovar.Gateway.Destinations;
using Samovar.Server.Hosting;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Hosting;

/// <summary>The whole server in front of upstreams, as clients see it.</summary>
public sealed class UpstreamServerTests
{
    private const string Ask = """{"type":"response.create","model":"m","store":false,"input":"one"}""";

    [Theory]
    [InlineData("responses-ws")]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task Conversation_RunsOverASocket_UnderIdsOfOurOwn(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, upstream.Settings(kind));
        await using var client = await server.ConnectAsync();

        await client.SendAsync(Ask);
        var id = Ended(await client.ReceiveTurnAsync(), "response.completed").GetProperty("id").GetString()!;
        Assert.DoesNotContain("resp_a_", id, StringComparison.Ordinal);

        await client.SendAsync($$"""{"type":"response.create","model":"m","store":false,"previous_response_id":"{{id}}","input":"two"}""");
        var events = await client.ReceiveTurnAsync();
        var response = Ended(events, "response.completed");
        Assert.Equal("seen 3", response.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.True(response.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32() > 0);
        var item = events.Single(e => e.GetProperty("type").GetString() == "response.output_item.done").GetProperty("item");
        Assert.Equal(response.GetProperty("output")[0].GetRawText(), item.GetRawText());

        var metrics = await server.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken);
        var sent = kind == "responses-ws" ? "delta" : "whole";
        var labels = $"samovar_pool=\"p\",samovar_destination=\"a\",samovar_sent=\"{sent}\",samovar_outcome=\"ok\"";
        Assert.Contains($"samovar_upstream_attempts_total{{{labels}}}", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EditsThatAnUpstreamApplied_ComeBackToTheirClient(bool streams)
    {
        const string edits = """{"edits":[{"type":"clear_tool_uses_20250919"}]}""";
        const string applied = """{"applied_edits":[{"type":"clear_tool_uses_20250919","cleared_tool_uses":3}]}""";
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer([.. new[]
        {
            """{"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":9,"output_tokens":1}}}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"so"}}""",
            """{"type":"content_block_stop","index":0}""",
            """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5},"context_management":"""
                + applied + "}",
            """{"type":"message_stop"}""",
        }.Select(static said => $"data: {said}\n\n")]);
        await using var server = await RunningServer.StartAsync(null, upstream.Settings("messages"));
        var ask = $$"""{"model":"m","max_tokens":64,"stream":{{(streams ? "true" : "false")}},"context_management":{{edits}}"""
            + ""","messages":[{"role":"user","content":"hi"}]}""";
        using var answer = await server.Http.PostAsync(new Uri("/v1/messages", UriKind.Relative),
            new StringContent(ask, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        var said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"\"context_management\":{applied}", said, StringComparison.Ordinal);
        Assert.Contains($"\"context_management\":{edits}", upstream.Requests.Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TooMany", 429, "rate_limit_exceeded")]
    [InlineData("Invalid", 400, "invalid_value")]
    public async Task Refusal_KeepsItsStatus(string fault, int status, string code)
    {
        await using var upstream = await FakeUpstream.StartAsync("a", Enum.Parse<FakeFault>(fault));
        var settings = new Dictionary<string, string?>(upstream.Settings("responses-http")) { ["Upstream:Pools:0:QueueMax"] = "0" };
        await using var server = await RunningServer.StartAsync(null, settings); // where nobody waits
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Ask);
        var error = Assert.Single(await client.ReceiveTurnAsync());
        Assert.Equal(("error", status), (error.GetProperty("type").GetString(), error.GetProperty("status").GetInt32()));
        Assert.Equal(code, error.GetProperty("error").GetProperty("code").GetString());
        if (status == 429) Assert.Equal("7", error.GetProperty("headers").GetProperty("retry-after").GetString());
    }

    [Fact]
    public async Task FaultAfterOutput_EndsTheResponse_AsFailed()
    {
        await using var upstream = await FakeUpstream.StartAsync("a", FakeFault.DropAfterDelta);
        await using var server = await RunningServer.StartAsync(null, upstream.Settings("responses-ws"));
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Ask);
        var response = Ended(await client.ReceiveTurnAsync(), "response.failed");
        Assert.Equal("server_error", response.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task ConfigCheck_ReportsEveryFault_AndListsThePoolsWhenAllIsWell()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var (good, output, error) = (upstream.Settings("chat"), new StringWriter(), new StringWriter());
        Assert.Equal(0, await ConfigCommand.CheckAsync(good, null, new Shell(output, error)));
        var lines = output.ToString().ReplaceLineEndings("\n").Split('\n');
        Assert.Equal([$"pool p: a (chat at {upstream.BaseUrl})", "The settings are right.", ""], [lines[0], .. lines[2..]]);
        Assert.StartsWith("stored responses: in ", lines[1], StringComparison.Ordinal);

        good["Upstream:Pools:0:Destinations:0:Kind"] = "telnet";
        good["Upstream:Pools:0:Destinations:0:KeyEnvironment"] = "SAMOVAR_TEST_NO_SUCH_KEY";
        good["Upstream:RetriesMax"] = "99";
        good["Server:Port"] = "-1";
        Assert.Equal(2, await ConfigCommand.CheckAsync(good, null, new Shell(output, error)));
        foreach (var part in new[] { "telnet", "SAMOVAR_TEST_NO_SUCH_KEY", "RetriesMax", "Port" })
            Assert.Contains(part, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChangedPools_AreTakenOver_AndBrokenOnesAreNot()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var file = Path.Combine(Path.GetTempPath(), $"samovar-{Path.GetRandomFileName()}.json");
        try
        {
            await WriteAsync(file, upstream, "m");
            await using var app = SamovarHost.Build([], file);
            var reload = app.Services.GetServices<IHostedService>().OfType<SettingsReload>().Single();
            Assert.Equal(["m"], app.Services.GetRequiredService<PoolTable>().Current[0].Models);
            await WriteAsync(file, upstream, "other");
            Assert.Empty(reload.Apply());
            Assert.Equal(["other"], app.Services.GetRequiredService<PoolTable>().Current[0].Models);
            await File.WriteAllTextAsync(file, """{"Upstream":{"Pools":[{"Name":""}]}}""", TestContext.Current.CancellationToken);
            Assert.NotEmpty(reload.Apply());
            Assert.Equal(["other"], app.Services.GetRequiredService<PoolTable>().Current[0].Models);
            await File.WriteAllTextAsync(file, "{\n  oops", TestContext.Current.CancellationToken);
            Assert.StartsWith($"{file}, line 2, column 3: ", Assert.Single(reload.Apply()), StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, """{"Upstream":{"Pols":[]}}""", TestContext.Current.CancellationToken);
            Assert.Equal([$"There is no setting Upstream:Pols ({file}); did you mean Upstream:Pools?"], reload.Apply());
            Assert.Equal(["other"], app.Services.GetRequiredService<PoolTable>().Current[0].Models);
            File.Delete(file);
            Assert.Contains("no settings file", Assert.Single(reload.Apply()), StringComparison.Ordinal);
            Assert.Equal(["other"], app.Services.GetRequiredService<PoolTable>().Current[0].Models);
            await WriteAsync(file, upstream, "again");
            Assert.Empty(reload.Apply());
            Assert.Equal(["again"], app.Services.GetRequiredService<PoolTable>().Current[0].Models);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task BrokenSettings_LeaveTheLevelsOfLoggingAsTheyWere()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var folder = Directory.CreateTempSubdirectory("samovar-levels-");
        try
        {
            var file = Path.Combine(folder.FullName, "samovar.json");
            await WriteAsync(file, upstream, "m");
            await using var app = SamovarHost.Build([], file);
            var reload = app.Services.GetServices<IHostedService>().OfType<SettingsReload>().Single();
            var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("x");
            const string quiet = """ "Logging": { "LogLevel": { "Default": "None" } } """;
            await File.WriteAllTextAsync(file, "{" + quiet + """, "Upstream": { "Pols": [] } }""", TestContext.Current.CancellationToken);
            Assert.NotEmpty(reload.Apply());
            Assert.True(log.IsEnabled(LogLevel.Error));
            var key = Path.Combine(folder.FullName, "key");
            foreach (var none in new[] { null, "", " \n", "two words" })
            {
                if (none is not null) await File.WriteAllTextAsync(key, none, TestContext.Current.CancellationToken);
                await WriteAsync(file, upstream, "other", quiet + ",", $", \"KeyFile\": {JsonSerializer.Serialize(key)}");
                Assert.Contains(key, Assert.Single(reload.Apply()), StringComparison.Ordinal);
                Assert.True(log.IsEnabled(LogLevel.Error));
                Assert.Equal(["m"], app.Services.GetRequiredService<PoolTable>().Current[0].Models);
            }
            await WriteAsync(file, upstream, "m", quiet + ",");
            Assert.Empty(reload.Apply());
            Assert.False(log.IsEnabled(LogLevel.Error));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task SettingsFile_ThatCameAfterTheStart_IsReadAndMissedLikeAnyOther()
    {
        var folder = Directory.CreateTempSubdirectory("samovar-late-");
        try
        {
            var file = Path.Combine(folder.FullName, "samovar.json");
            using var files = new PhysicalFileProvider(folder.FullName);
            using var configuration = new ConfigurationManager();
            configuration.AddJsonFile(source => (source.FileProvider, source.Path, source.Optional) = (files, "samovar.json", true));
            using var reload = new SettingsReload(
                configuration, [], lifetime: null!, NullLogger<SettingsReload>.Instance, TimeProvider.System);
            Assert.Empty(reload.Apply());
            await File.WriteAllTextAsync(file, "{\n  oops", TestContext.Current.CancellationToken);
            Assert.StartsWith($"{file}, line 2, column 3: ", Assert.Single(reload.Apply()), StringComparison.Ordinal);
            File.Delete(file); // it was never in force
            Assert.Empty(reload.Apply());
            await File.WriteAllTextAsync(file, "{}", TestContext.Current.CancellationToken);
            Assert.Empty(reload.Apply());
            File.Delete(file);
            Assert.Equal([$"There is no settings file {file} any more."], reload.Apply());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void UpstreamKey_ThatWasChanged_IsAnotherPlaceForOpenSockets()
    {
        var file = Path.GetTempFileName();
        try
        {
            var options = new DestinationOptions { Name = "a", Kind = "responses-ws", BaseUrl = "http://127.0.0.1:1/v1", KeyFile = file };
            File.WriteAllText(file, "one");
            var before = Made().Origin;
            Assert.Equal(before, Made().Origin);
            File.WriteAllText(file, "two");
            Assert.NotEqual(before, Made().Origin);

            Destination Made() =>
                new(options, new DestinationState(options, new UpstreamOptions(), TimeProvider.System, () => { }), _ => null);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task WriteAsync(string file, FakeUpstream upstream, string model, string before = "", string more = "") =>
        File.WriteAllTextAsync(file, $$"""
        {
          {{before}}
          "Upstream": {
            "Pools": [
              {
                "Name": "p",
                "Destinations": [
                  { "Name": "a", "Kind": "chat", "BaseUrl": "{{upstream.BaseUrl}}", "Models": [ "{{model}}" ]{{more}} }
                ]
              }
            ]
          }
        }
        """);

    private static JsonElement Ended(IReadOnlyList<JsonElement> events, string type)
    {
        Assert.Equal(type, events[^1].GetProperty("type").GetString());
        return events[^1].GetProperty("response");
    }
}
