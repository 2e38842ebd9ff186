using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Server.Tools;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Tools;
using Samovar.Tests.Backends.Embedded;
using Samovar.Tools;

namespace Samovar.Tests.Tools;

/// <summary>Who shares a session with an MCP server, for how long it and its list are kept, and what becomes of a broken one.</summary>
public sealed class ToolSessionTests : IAsyncDisposable
{
    private static readonly TenantId One = new("one"), Other = new("other");

    private readonly ManualTime _time = new();
    private FakeToolServer _tools = null!;
    private McpServers _servers = null!;

    [Fact]
    public async Task Session_IsShared_ByATenantsTurnsWithTheSameCredentials_Alone()
    {
        await StartAsync(new FakeServerKind());
        await CallAsync(One, null);
        await CallAsync(One, null);
        Assert.Equal(1, _tools.Hellos);
        await CallAsync(Other, null);
        Assert.Equal(2, _tools.Hellos);
        await CallAsync(One, "\"authorization\":\"mine-4711\"");
        Assert.Equal(3, _tools.Hellos);
        await CallAsync(One, "\"authorization\":\"yours-4712\"");
        await CallAsync(One, "\"headers\":{\"x-a\":\"mine-4711\"}");
        Assert.Equal(5, _tools.Hellos);
        await CallAsync(One, "\"authorization\":\"yours-4712\"");
        await CallAsync(Other, null);
        Assert.Equal((5, 8), (_tools.Hellos, _tools.Calls.Count));
    }

    [Fact]
    public async Task Session_ThatNobodyUses_IsLeftAtItsTime_AndTheLastOnesWhenTheServerStops()
    {
        await StartAsync(new FakeServerKind { HasSessions = true }, options => options.SessionIdleMax = TimeSpan.FromMinutes(2));
        await using (var lease = await OpenAsync(One))
        {
            _time.Advance(TimeSpan.FromMinutes(10)); // in use
            await lease.CallAsync("echo", "{}", Soon.Token);
        }
        _time.Advance(TimeSpan.FromMinutes(1));
        await CallAsync(One, null);
        Assert.Equal((1, 0), (_tools.Hellos, _tools.Goodbyes));
        _time.Advance(TimeSpan.FromMinutes(3));
        await Soon.UntilAsync(() => _tools.Goodbyes == 1);
        await CallAsync(One, null);
        Assert.Equal(2, _tools.Hellos);
        await _servers.DisposeAsync();
        Assert.Equal(2, _tools.Goodbyes);
        await Assert.ThrowsAsync<ToolServerException>(() => OpenAsync(One));
    }

    [Fact]
    public async Task Sessions_BeyondTheirBounds_GiveWayWhileIdle_AndAreTheirTurnsOwnElse()
    {
        await StartAsync(new FakeServerKind { HasSessions = true }, options => (options.SessionsMax, options.SessionsTenantMax) = (2, 1));
        await CallAsync(One, null);
        await CallAsync(One, "\"authorization\":\"mine-4711\""); // the tenant's first gives way
        await Soon.UntilAsync(() => _tools.Goodbyes == 1);
        await using (var _ = await OpenAsync(Other))
        await using (var __ = await OpenAsync(One, "\"authorization\":\"mine-4711\""))
        {
            await CallAsync(new TenantId("third"), null); // both are used
            await Soon.UntilAsync(() => _tools.Goodbyes == 2);
        }
        await CallAsync(new TenantId("third"), null);
        Assert.Equal(5, _tools.Hellos);
    }

    [Fact]
    public async Task WithoutSharing_EachTurnHasItsOwn()
    {
        await StartAsync(new FakeServerKind { HasSessions = true }, options => options.SessionIdleMax = TimeSpan.Zero);
        await CallAsync(One, null);
        await CallAsync(One, null);
        await Soon.UntilAsync(() => (_tools.Hellos, _tools.Goodbyes) == (2, 2));
    }

    [Fact]
    public async Task SessionThatItsServerForgot_IsReplaced_AndTheCallIsMadeOnce()
    {
        await StartAsync(new FakeServerKind { HasSessions = true });
        await using var lease = await OpenAsync(One);
        await using var beside = await OpenAsync(One);
        _tools.ForgetSessions();
        Assert.Equal("echo hi", (await lease.CallAsync("echo", """{"text":"hi"}""", Soon.Token)).Text);
        Assert.Single(_tools.Calls);
        Assert.Equal(2, _tools.Hellos);
        await beside.CallAsync("echo", "{}", Soon.Token); // finds the other one
        Assert.Equal((2, 2), (_tools.Hellos, _tools.Calls.Count));
        _tools.ForgetSessions();
        Assert.Single(await lease.ListAsync(Soon.Token));
        Assert.Equal(3, _tools.Hellos);
    }

    /// <summary>It says nothing of whether a call has run.</summary>
    [Fact]
    public async Task SessionThatItsServerCallsABadRequest_IsReplaced_AndTheCallIsNotMadeAgain()
    {
        await StartAsync(new FakeServerKind { HasSessions = true, CallsUnknownBad = true });
        await using var lease = await OpenAsync(One);
        _tools.ForgetSessions();
        await Assert.ThrowsAsync<ToolServerException>(() => lease.CallAsync("echo", "{}", Soon.Token));
        Assert.Empty(_tools.Calls);
        await CallAsync(One, null); // whoever comes next has another
        Assert.Equal("echo nothing", (await lease.CallAsync("echo", "{}", Soon.Token)).Text);
        Assert.Equal((2, 2), (_tools.Hellos, _tools.Calls.Count));
        _tools.ForgetSessions();
        Assert.Single(await lease.ListAsync(Soon.Token)); // a list may be asked for twice
        Assert.Equal((3, 1), (_tools.Hellos, _tools.Lists));
    }

    [Fact]
    public async Task SessionThatItsServerForgot_FailsNoneOfThoseWhoShareIt()
    {
        await StartAsync(new FakeServerKind { HasSessions = true });
        await using var lease = await OpenAsync(One);
        await using var beside = await OpenAsync(One);
        _tools.ForgetSessions();
        var (came, heard) = (new TaskCompletionSource(), new TaskCompletionSource());
        _tools.HoldUnknown = at =>
        {
            if (at == 1) return came.Task;
            came.TrySetResult();
            return heard.Task; // still asked while the first is told
        };
        Task<IReadOnlyList<ListedTool>>[] lists = [lease.ListAsync(Soon.Token), beside.ListAsync(Soon.Token)];
        await Task.WhenAny(lists);
        heard.SetResult();
        Assert.All(await Task.WhenAll(lists), static tools => Assert.Single(tools));
        Assert.Equal(2, _tools.Hellos);
    }

    [Fact]
    public async Task CallThatRunsWhileItsSessionIsForgotten_IsHeard_AndNotMadeAgain()
    {
        await StartAsync(new FakeServerKind { HasSessions = true });
        var goesOn = new TaskCompletionSource();
        _tools.Tools = [FakeTool.Echo(), new FakeTool("slow", async (_, _) =>
        {
            await goesOn.Task;
            return FakeTool.Text("done");
        })];
        await using var lease = await OpenAsync(One);
        var slow = lease.CallAsync("slow", "{}", Soon.Token);
        await _tools.Called.Task.WaitAsync(Soon.Token);
        _tools.ForgetSessions();
        Assert.Equal("echo nothing", (await lease.CallAsync("echo", "{}", Soon.Token)).Text);
        goesOn.SetResult();
        Assert.Equal("done", (await slow).Text);
        Assert.Equal((2, 2), (_tools.Hellos, _tools.Calls.Count));
    }

    [Fact]
    public async Task CallWhoseConnectionBreaks_HasFailed_AndIsNotMadeAgain()
    {
        await StartAsync(new FakeServerKind { HasSessions = true });
        await using var lease = await OpenAsync(One);
        _tools.Tools = [new FakeTool("echo", (_, _) =>
        {
            _tools.Cut();
            return Task.FromResult(FakeTool.Text("unheard"));
        })];
        var failed = await Assert.ThrowsAsync<ToolServerException>(() => lease.CallAsync("echo", "{}", Soon.Token));
        Assert.Equal(ToolServerException.Http, failed.Type);
        Assert.Single(_tools.Calls);
        _tools.Tools = [FakeTool.Echo()];
        Assert.Equal("echo nothing", (await lease.CallAsync("echo", "{}", Soon.Token)).Text); // the session has not suffered
        Assert.Equal(1, _tools.Hellos);
    }

    [Fact]
    public async Task List_IsKnown_UntilItsAge_ItsServersWord_OrTheNewsThatItChanged()
    {
        await StartAsync(new FakeServerKind { HasSessions = true }, options => options.ListAgeMax = TimeSpan.FromMinutes(1));
        Assert.Equal(["echo"], await ListAsync());
        Assert.Equal(["echo"], await ListAsync());
        Assert.Equal(1, _tools.Lists);
        _time.Advance(TimeSpan.FromMinutes(1));
        await ListAsync();
        Assert.Equal(2, _tools.Lists);
        await Soon.In(_tools.Listening.Task);
        await _tools.ChangeAsync(FakeTool.Echo("look"), FakeTool.Echo("write"));
        await Soon.UntilAsync(() => ListAsync().Result is ["look", "write"]);
        Assert.Equal(3, _tools.Lists);
    }

    /// <summary>The newest protocol has no sessions: news come on a stream that is asked for.</summary>
    [Fact]
    public async Task List_IsAskedForAgain_WhenASubscriptionSaysThatItChanged()
    {
        await StartAsync(new FakeServerKind { HasSubscriptions = true });
        Assert.Equal(["echo"], await ListAsync());
        await Soon.In(_tools.Listening.Task);
        await Soon.UntilAsync(() => IsKnownAsync().Result); // by its server's word it is old at once; by the subscription it is not
        await _tools.ChangeAsync(FakeTool.Echo("look"), FakeTool.Echo("write"));
        await Soon.UntilAsync(() => ListAsync().Result is ["look", "write"]);
        Assert.True(await IsKnownAsync());
        Assert.DoesNotContain(_tools.Headers, static header => header.StartsWith("Mcp-Session-Id", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(30, 1)]
    public async Task List_IsKnownForNoLongerThanItsServerSays(int seconds, int lists)
    {
        await StartAsync(new FakeServerKind { FreshFor = TimeSpan.FromSeconds(seconds) });
        await ListAsync();
        await ListAsync();
        Assert.Equal(lists, _tools.Lists);
        _time.Advance(TimeSpan.FromSeconds(30));
        await ListAsync();
        Assert.Equal(lists + 1, _tools.Lists);
    }

    [Fact]
    public async Task ListsThatFindNoRoom_AreAskedForEachTime()
    {
        await StartAsync(new FakeServerKind { HasSessions = true }, options => options.ListBytesMax = 10);
        await ListAsync();
        await ListAsync();
        Assert.Equal(2, _tools.Lists);
    }

    [Fact]
    public async Task ServerThatNeverLetsGo_HoldsUpNobody()
    {
        var kind = new FakeServerKind { HasSessions = true, HoldsGoodbyes = true };
        await StartAsync(kind, static options => options.CloseTimeMax = TimeSpan.FromSeconds(5));
        await CallAsync(One, null);
        var stopping = _servers.DisposeAsync().AsTask();
        await Soon.UntilAsync(() => _tools.Goodbyes == 1);
        await _time.WhenArmed(TimeSpan.FromSeconds(5)).WaitAsync(Soon.Token);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Soon.In(stopping);
    }

    public async ValueTask DisposeAsync()
    {
        var stopping = _servers.DisposeAsync().AsTask();
        await _tools.DisposeAsync();
        _time.Advance(new ToolOptions().CloseTimeMax);
        await stopping;
    }

    private async Task StartAsync(FakeServerKind kind, Action<ToolOptions>? change = null)
    {
        _tools = await FakeToolServer.StartAsync(kind, FakeTool.Echo());
        var options = new ToolOptions { Servers = { new ToolServerOptions { Name = "demo", Url = _tools.Url, AllowsPrivate = true } } };
        change?.Invoke(options);
        _servers = new McpServers(options, static _ => null, new TestMeters(), _time, NullLogger<McpServers>.Instance);
    }

    private Task<IToolSession> OpenAsync(TenantId tenant, string? more = null)
    {
        var tool = $$"""{"type":"mcp","server_label":"demo"{{(more is null ? "" : "," + more)}}}""";
        var request = Talk.Request(JsonDocument.Parse($$"""{"model":"m","input":"x","tools":[{{tool}}]}""").RootElement);
        return _servers.OpenAsync(tenant, McpTool.Read((Tool.Other)request.Tools!.Tools[0], "tools[0]"), Soon.Token);
    }

    private async Task CallAsync(TenantId tenant, string? more)
    {
        await using var lease = await OpenAsync(tenant, more);
        await lease.CallAsync("echo", "{}", Soon.Token);
    }

    /// <summary>Whether its list is not asked for.</summary>
    private async Task<bool> IsKnownAsync()
    {
        var lists = _tools.Lists;
        await ListAsync();
        return _tools.Lists == lists;
    }

    private async Task<string[]> ListAsync()
    {
        await using var lease = await OpenAsync(One);
        return [.. (await lease.ListAsync(Soon.Token)).Select(static tool => tool.Name)];
    }
}
