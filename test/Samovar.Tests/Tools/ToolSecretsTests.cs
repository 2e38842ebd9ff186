using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Server.Tools;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Tools;
using Samovar.Tests.Backends.Embedded;
using Samovar.Tools;

namespace Samovar.Tests.Tools;

/// <summary>What a server of tools was told and must not say again, and what it may.</summary>
public sealed class ToolSecretsTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly LineLogger<McpServers> _log = new();
    private FakeToolServer _tools = null!;
    private McpServers _servers = null!;

    /// <summary>What a server was told comes back in no name, no schema, no description and no result.</summary>
    [Fact]
    public async Task SecretsThatAServerSays_AreLeftOut()
    {
        const string Secret = "token-4711-secret", Operators = "operator-4712-secret";
        await StartAsync(options => options.Servers[0].Headers.Add(new() { Name = "x-own", Environment = "OWN" }));
        _tools.Tools =
        [
            FakeTool.Echo("tool-" + Secret), FakeTool.Echo("schema") with { Schema = $$"""{"type":"object","title":"{{Operators}}"}""" },
            FakeTool.Saying("tell", $"{Secret} and {Operators}") with { Description = "Says " + Operators },
        ];
        await using var lease = await OpenAsync($"\"authorization\":\"{Secret}\"");
        var tool = Assert.Single(await lease.ListAsync(Soon.Token));
        Assert.Equal(("tell", "Says [secret]"), (tool.Name, tool.Description));
        Assert.Equal("[secret] and [secret]", (await lease.CallAsync("tell", "{}", Soon.Token)).Text);
        Assert.Contains("x-own: " + Operators, _tools.Headers);
    }

    /// <summary>What the connection has of its own stays its own.</summary>
    [Fact]
    public async Task HeadersOfAClient_AreSent_ItsCookieToo_AndHideNothingOfTheConnections()
    {
        await StartAsync();
        await using var lease = await OpenAsync("""
            "headers":{"Cookie":"session=0f3a9c1d","X-Kind":"a","Host":"elsewhere"}
            """);
        await lease.ListAsync(Soon.Token);
        Assert.Contains("Cookie: session=0f3a9c1d", _tools.Headers);
        Assert.Contains("X-Kind: a", _tools.Headers);
        Assert.DoesNotContain("Host: elsewhere", _tools.Headers);
    }

    [Theory]
    [InlineData("\"headers\":{\"Authorization\":\"Bearer sk-4711-abc\"}", "sk-4711-abc", true)] // without its scheme
    [InlineData("\"headers\":{\"X-Api-Key\":\"blue42\"}", "blue42", true)]
    [InlineData("\"headers\":{\"X-Of-Mine\":\"0f3a9c1d77e2b604\"}", "0f3a9c1d77e2b604", true)]
    [InlineData("\"headers\":{\"X-MCP-Toolsets\":\"issues\"}", "issues", false)]
    [InlineData("\"headers\":{\"X-Kind\":\"internationalization\"}", "internationalization", false)]
    [InlineData("\"authorization\":\"plainword\"", "plainword", true)]
    public async Task HeaderThatSaysAPlainWord_IsNoSecret(string more, string word, bool isSecret)
    {
        await StartAsync();
        _tools.Tools = [FakeTool.Echo("list_" + word), FakeTool.Saying("tell", $"of {word}.")];
        await using var lease = await OpenAsync(more);
        Assert.Equal(isSecret ? 1 : 2, (await lease.ListAsync(Soon.Token)).Count);
        Assert.Equal(isSecret ? "of [secret]." : $"of {word}.", (await lease.CallAsync("tell", "{}", Soon.Token)).Text);
    }

    [Fact]
    public async Task WordsBehindAnAddress_AreSecretsWhereTheyAreKeys_AlsoUnescaped()
    {
        await StartAsync(static options => options.Servers[0].Url += "?set=issues&api_key=a%2Fb%2Bc-4711");
        _tools.Tools = [FakeTool.Saying("tell", "issues a/b+c-4711 a%2Fb%2Bc-4711")];
        await using var lease = await OpenAsync();
        Assert.Equal("issues [secret] [secret]", (await lease.CallAsync("tell", "{}", Soon.Token)).Text);
    }

    [Fact]
    public async Task ToolsThatAreLeftOut_AreCountedInTheLog()
    {
        await StartAsync();
        _tools.Tools = [FakeTool.Echo("tool-mine-4711"), FakeTool.Echo()];
        await using var lease = await OpenAsync("\"authorization\":\"mine-4711\"");
        Assert.Single(await lease.ListAsync(Soon.Token));
        Assert.Matches("'demo' that are left out, .*: 1$", Assert.Single(_log.Lines));
    }

    public async ValueTask DisposeAsync()
    {
        await _servers.DisposeAsync();
        await _tools.DisposeAsync();
    }

    private async Task StartAsync(Action<ToolOptions>? change = null)
    {
        _tools = await FakeToolServer.StartAsync(FakeTool.Echo());
        var options = new ToolOptions { Servers = { new ToolServerOptions { Name = "demo", Url = _tools.Url, AllowsPrivate = true } } };
        change?.Invoke(options);
        Func<string, string?> environment = static name => name == "OWN" ? "operator-4712-secret" : null;
        _servers = new McpServers(options, environment, new TestMeters(), _time, _log);
    }

    private Task<IToolSession> OpenAsync(string? more = null)
    {
        var tool = $$"""{"type":"mcp","server_label":"demo"{{(more is null ? "" : "," + more)}}}""";
        var request = Talk.Request(JsonDocument.Parse($$"""{"model":"m","input":"x","tools":[{{tool}}]}""").RootElement);
        return _servers.OpenAsync(new TenantId("one"), McpTool.Read((Tool.Other)request.Tools!.Tools[0], "tools[0]"), Soon.Token);
    }
}
