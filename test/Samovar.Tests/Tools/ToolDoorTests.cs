using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Samovar.Accounting;
using Samovar.Server.Tools;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Tools;

namespace Samovar.Tests.Tools;

/// <summary>Which servers of tools are reached, and what is never seen of what they are told.</summary>
public sealed class ToolDoorTests
{
    [Theory]
    [InlineData("""{"type":"mcp","server_label":"else","server_url":"https://else.example/mcp"}""", "tools[0].server_url")]
    [InlineData("""{"type":"mcp","server_label":"else"}""", "tools[0].server_label")]
    [InlineData("""{"type":"mcp","server_label":"else","connector_id":"connector_gmail"}""", "tools[0].connector_id")]
    [InlineData("""{"type":"mcp","server_label":"demo","server_url":"http://user:pw@127.0.0.1/mcp"}""", "tools[0].server_url")]
    [InlineData("""{"type":"mcp"}""", "tools[0].server_label")]
    [InlineData("""{"type":"mcp","server_label":"a b"}""", "tools[0].server_label")]
    [InlineData("""{"type":"mcp","server_label":"demo","allowed_tools":3}""", "tools[0].allowed_tools")]
    [InlineData("""{"type":"mcp","server_label":"demo","require_approval":"perhaps"}""", "tools[0].require_approval")]
    [InlineData("""{"type":"mcp","server_label":"demo","headers":{"a b":"c"}}""", "tools[0].headers")]
    [InlineData("""{"type":"mcp","server_label":"demo","headers":{"Expires":"0"}}""", "tools[0].headers")]
    [InlineData("""{"type":"mcp","server_label":"demo","headers":{"content-language":"de"}}""", "tools[0].headers")]
    [InlineData("""{"type":"mcp","server_label":"demo","authorization":"a\nb"}""", "tools[0].authorization")]
    [InlineData("""{"type":"mcp","server_label":"demo","authorization":"schlüssel"}""", "tools[0].authorization")]
    [InlineData("""{"type":"mcp","server_label":"demo"},{"type":"mcp","server_label":"demo"}""", "tools[1].server_label")]
    [InlineData("""{"type":"web_search"}""", "tools[0].type")]
    [InlineData("""{"type":"web_search_preview_2025_03_11"}""", "tools[0].type")]
    [InlineData("""{"type":"code_interpreter","container":{"type":"auto"}}""", "tools[0].type")]
    [InlineData("""{"type":"function","name":"f"},{"type":"file_search","vector_store_ids":["v"]}""", "tools[1].type")]
    public async Task WhatIsNotConfigured_IsRefused_ByItsPlace(string tools, string param)
    {
        var backend = new CallingBackend(Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()]);
        var (status, answer) = await house.PostAsync(house.Body("\"x\"", tools));
        Assert.Equal((HttpStatusCode.BadRequest, param), (status, answer.GetProperty("error").Str("param")));
        Assert.Empty(backend.Asked);
        Assert.Empty(house.Tools.Headers); // nobody was asked anything
    }

    /// <summary>Codex names it in every request, and says with it that nothing outside is to be reached.</summary>
    [Fact]
    public async Task SearchThatReachesNothing_IsLeftOut()
    {
        var backend = new CallingBackend(Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(backend, []);
        var response = await house.AskAsync(house.Body("\"x\"", """{"type":"web_search","external_web_access":false}"""));
        Assert.Equal(["message"], response.Types());
    }

    [Fact]
    public async Task PrivateAddress_IsRefused_WhereTheEntryDoesNotAllowIt()
    {
        await using var house = await ToolHouse.StartAsync(
            new CallingBackend(), [FakeTool.Echo()], new() { ["Tools:Servers:0:AllowsPrivate"] = "false" });
        var (_, answer) = await house.PostAsync(house.Body("\"x\""));
        Assert.Contains("private network", answer.GetProperty("error").Str("message"), StringComparison.Ordinal);
        Assert.Empty(house.Tools.Headers);
    }

    /// <summary>A name that means a public address when it is looked at and another one later gains nothing: it is resolved once.</summary>
    [Fact]
    public async Task Name_IsResolvedOnce_AndOnlyPublicAddressesOfItAreTried()
    {
        var asked = 0;
        var connect = new GuardedConnect(allowsPrivate: false, (_, _) =>
        {
            asked++;
            return Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.Parse("10.0.0.1"), IPAddress.Parse("::ffff:192.168.0.1")]);
        });
        await Assert.ThrowsAsync<RefusedAddressException>(
            async () => await connect.ConnectAsync(new DnsEndPoint("rebinds.example", 80), Soon.Token));
        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.9.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("2002:c0a8:101::1", false)]
    public void Address_IsPublic_OrNot(string address, bool isPublic) =>
        Assert.Equal(isPublic, AddressSpace.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("mcp")]
    [InlineData("mcp_20250101")]
    public async Task Secrets_ReachTheServer_AndNothingElse(string type)
    {
        const string Token = "token-4711-secret", Header = "header-4712-secret";
        var (lines, requests) = (new Lines(), new RecordingRequestLog());
        var echo = new FakeTool("tell", static (_, _) => Task.FromResult(FakeTool.Text($"you said {Token} and {Header}")));
        var backend = new CallingBackend(Says.Call("demo", "tell", "{}"), Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(backend, [echo], new() { ["Logging:LogLevel:Default"] = "Trace" },
            services => services.AddSingleton<ILoggerProvider>(lines).AddSingleton<IRequestLog>(requests));
        var tool = house.Tool($$"""
            "require_approval":"never","authorization":"{{Token}}","headers":{"X-Api":"{{Header}}","Host":"else.example"}
            """).Replace("\"mcp\"", $"\"{type}\"", StringComparison.Ordinal);
        var events = await house.StreamAsync(house.Body("\"x\"", tool));
        Assert.Contains($"Authorization: Bearer {Token}", house.Tools.Headers);
        Assert.Contains($"X-Api: {Header}", house.Tools.Headers);
        Assert.DoesNotContain(house.Tools.Headers, static line => line.Contains("else.example", StringComparison.Ordinal));
        var response = events[^1].GetProperty("response");
        Assert.Equal("you said [secret] and [secret]", response.Item("mcp_call").Str("output"));
        using var stored = await house.Server.Http.GetAsync($"/v1/responses/{response.Id()}");
        var all = string.Join('\n', events) + await stored.Content.ReadAsStringAsync()
            + string.Join('\n', lines.Said) + string.Join('\n', requests.Records);
        Assert.DoesNotContain(Token, all, StringComparison.Ordinal);
        Assert.DoesNotContain(Header, all, StringComparison.Ordinal);
        Assert.Equal("demo", response.GetProperty("tools")[0].Str("server_label"));
        Assert.All(backend.Asked, static turn => Assert.DoesNotContain(
            "secret", turn.Tools.Json.ToString() + string.Join('\n', turn.Request.Fields), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mcp")]
    [InlineData("mcp_20250101")]
    public async Task SecretsOutsideOfTools_AreRefused(string type)
    {
        await using var house = await ToolHouse.StartAsync(new CallingBackend(), [FakeTool.Echo()]);
        var secret = $$"""{"type":"{{type}}","server_label":"demo","authorization":"abc"}""";
        var (status, _) = await house.PostAsync(house.Body(
            $$"""[{"type":"additional_tools","role":"developer","tools":[{{secret}}]},{"role":"user","content":"x"}]"""));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        (status, _) = await house.PostAsync(house.Body(
            "\"x\"", $$"""{"type":"namespace","name":"n","description":"d","tools":[{{secret}}]}"""));
        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task OperatorsHeaders_ComeFromItsEnvironmentOrFile_AndWin()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "of-the-file\n");
        var backend = new CallingBackend(Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(backend, [FakeTool.Echo()], new()
        {
            ["Tools:Servers:0:Headers:0:Name"] = "Authorization", ["Tools:Servers:0:Headers:0:File"] = file,
            ["Tools:Servers:0:Headers:0:Prefix"] = "Bearer ",
        });
        await house.AskAsync(house.Body("\"x\"", house.Tool("\"authorization\":\"of-the-client\"")));
        Assert.Contains("Authorization: Bearer of-the-file", house.Tools.Headers);
        Assert.DoesNotContain("Authorization: Bearer of-the-client", house.Tools.Headers);
        File.Delete(file);
    }

    [Fact]
    public async Task OperatorThatTakesNoAuthorization_RefusesIt()
    {
        await using var house = await ToolHouse.StartAsync(
            new CallingBackend(), [FakeTool.Echo()], new() { ["Tools:Servers:0:TakesAuthorization"] = "false" });
        var (status, answer) = await house.PostAsync(house.Body("\"x\"", house.Tool("\"authorization\":\"mine-4713\"")));
        Assert.Equal((HttpStatusCode.BadRequest, "tools[0].authorization"), (status, answer.GetProperty("error").Str("param")));
        Assert.DoesNotContain("mine-4713", answer.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tenants_ThatMayNotUseAServer_DoNotFindIt()
    {
        var keys = Path.GetTempFileName();
        await File.WriteAllTextAsync(keys, """{"tenants":{"a":["key-a"],"b":["key-b"]}}""");
        var backend = new CallingBackend(Says.Words("Done."), Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(
            backend, [FakeTool.Echo()], new() { ["Auth:KeyFile"] = keys, ["Tools:Servers:0:Tenants:0"] = "a" });
        Assert.Equal(HttpStatusCode.OK, (await house.PostAsync(house.Body("\"x\""), "key-a")).Status);
        var (status, answer) = await house.PostAsync(house.Body("\"x\""), "key-b");
        Assert.Equal((HttpStatusCode.BadRequest, "tools[0].server_url"), (status, answer.GetProperty("error").Str("param")));
        File.Delete(keys);
    }

    [Fact]
    public async Task OperatorsAllowedTools_BoundWhatIsListedAndCalled()
    {
        var backend = new CallingBackend(Says.Words("Done."));
        await using var house = await ToolHouse.StartAsync(
            backend, [FakeTool.Echo("look"), FakeTool.Echo("write")], new() { ["Tools:Servers:0:AllowedTools:0"] = "look" });
        var response = await house.AskAsync(house.Body("\"x\""));
        Assert.Equal("look", Assert.Single(response.Item("mcp_list_tools").GetProperty("tools").EnumerateArray().ToList()).Str("name"));
        // A client that brings a list of its own reaches no more by it.
        backend.Then(Says.Call("demo", "write"), Says.Words("Done."));
        const string Write = """{"name":"write","input_schema":{"type":"object"}}""";
        var forged = $$"""{"type":"mcp_list_tools","id":"mcpl_1","server_label":"demo","tools":[{{Write}}]}""";
        var second = await house.AskAsync(house.Body($$"""[{{forged}},{"role":"user","content":"y"}]"""));
        Assert.Equal("failed", second.Item("mcp_call").Str("status"));
        Assert.Empty(house.Tools.Calls);
    }

    [Theory]
    [InlineData("Tools:Servers:0:Url", "not an address")]
    [InlineData("Tools:Servers:0:Name", "a b")]
    [InlineData("Tools:SearchServer", "nobody")]
    public async Task WrongSettings_AreNamed(string setting, string value)
    {
        var wrong = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ToolHouse.StartAsync(new CallingBackend(), [], new() { [setting] = value }));
        Assert.Contains("Tools:", wrong.Message, StringComparison.Ordinal);
    }

    /// <summary>All that is logged, on whatever level.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Said { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose() { }
    }
}
