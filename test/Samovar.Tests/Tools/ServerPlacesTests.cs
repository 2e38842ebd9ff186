using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Protocol.Ids;
using Samovar.Server.Tools;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Tools;
using Samovar.Tools;

namespace Samovar.Tests.Tools;

/// <summary>How tenants share the connections to a server of tools.</summary>
public sealed class ServerPlacesTests : IAsyncDisposable
{
    private static readonly TenantId One = new("one"), Other = new("other"), Third = new("third");

    private readonly ManualTime _time = new();
    private FakeToolServer? _tools;
    private McpServers? _servers;

    [Fact]
    public async Task TenantWhoseCallsFloodAServer_LeavesConnectionsToOthers()
    {
        const int Flood = 600, Share = 200; // more than there are connections, and fewer than one tenant gets
        var goesOn = new TaskCompletionSource();
        await StartAsync([FakeTool.Echo(), new FakeTool("slow", async (_, _) =>
        {
            await goesOn.Task;
            return FakeTool.Text("done");
        })]);
        await using var lease = await OpenAsync(One);
        var flood = Enumerable.Range(0, Flood).Select(_ => lease.CallAsync("slow", "{}", Soon.Token)).ToList();
        await Soon.UntilAsync(() => _tools!.Calls.Count >= Share);
        await using (var other = await OpenAsync(Other))
        {
            Assert.Equal(2, (await other.ListAsync(Soon.Token)).Count);
            Assert.Equal("echo nothing", (await other.CallAsync("echo", "{}", Soon.Token)).Text);
        }
        Assert.Equal(2, (await lease.ListAsync(Soon.Token)).Count); // nor does a tenant's own list wait for its calls
        goesOn.SetResult();
        Assert.All(await Task.WhenAll(flood), static result => Assert.Equal("done", result.Text));
    }

    [Fact]
    public async Task Place_GoesToWhoHoldsFewest_AndWhoLeavesTheLineGetsNone()
    {
        var places = new ServerPlaces(2);
        var (first, second) = (await places.TakeAsync(One, Soon.Token), await places.TakeAsync(One, Soon.Token));
        using var leaves = new CancellationTokenSource();
        var left = places.TakeAsync(Third, leaves.Token).AsTask();
        var own = places.TakeAsync(One, Soon.Token).AsTask();
        var other = places.TakeAsync(Other, Soon.Token).AsTask();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        first.Dispose();
        first.Dispose(); // once is enough
        var taken = await Soon.In(other);
        Assert.False(own.IsCompleted);
        second.Dispose();
        (await Soon.In(own)).Dispose();
        taken.Dispose();
        (await places.TakeAsync(Third, Soon.Token)).Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (_tools is null || _servers is null) return;
        var stopping = _servers.DisposeAsync().AsTask();
        await _tools.DisposeAsync();
        _time.Advance(new ToolOptions().CloseTimeMax);
        await stopping;
    }

    private async Task StartAsync(FakeTool[] tools)
    {
        _tools = await FakeToolServer.StartAsync(tools);
        var options = new ToolOptions { Servers = { new ToolServerOptions { Name = "demo", Url = _tools.Url, AllowsPrivate = true } } };
        _servers = new McpServers(options, static _ => null, new TestMeters(), _time, NullLogger<McpServers>.Instance);
    }

    private Task<IToolSession> OpenAsync(TenantId tenant) => _servers!.OpenAsync(tenant, McpTool.Own("demo", "tools[0]"), Soon.Token);
}
