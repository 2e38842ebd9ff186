using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Responses;
using Samovar.Quotas;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Peers;

/// <summary>What turns cost a tenant whose client is at one node and whose chain is another's.</summary>
public sealed class RelayedQuotaTests : IAsyncLifetime
{
    private const string Keys =
        """{"tenants":{"Pot":["pot-key"]},"quotas":{"Pot":{"tokens_per_minute":1000}}}""";

    private readonly ScriptedBackend _owners = new(new IdSource()), _edges = new(new IdSource());
    private readonly ClusterRows _rows = new();
    private readonly TaskCompletionSource _reached = new();
    private readonly string _keys = Path.GetTempFileName();
    private RunningServer _owner = null!, _edge = null!;
    private string _first = "";

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_keys, Keys, Soon.Token);
        _owner = await ClusterHouse.StartAsync(_owners, new ClusterRows(), ("Cluster:Name", "two"), ("Auth:KeyFile", _keys));
        _rows.Owner = new ClusterNode(new NodeName("two"), new Incarnation("node_two"), _owner.Address, NodeState.Active);
        _rows.Add(_rows.Owner);
        _edge = await ClusterHouse.StartAsync(_edges, _rows, ("Auth:KeyFile", _keys));
        foreach (var server in new[] { _owner, _edge })
            server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "pot-key");
        var cluster = _edge.Services.GetRequiredService<ICluster>();
        await Soon.UntilAsync(() => cluster.Nodes.Count == 2);
        using var reply = await _owner.Http.PostAsync("/v1/responses", Json("""{"model":"m","input":"[[final=one]]"}"""), Soon.Token);
        _first = JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _owner.DisposeAsync();
        File.Delete(_keys);
    }

    [Theory]
    [InlineData(ScriptPhase.Begun)]
    [InlineData(ScriptPhase.Speaking)]
    public async Task TurnThatIsCancelled_CostsWhatItUsedAtItsOwner(ScriptPhase at)
    {
        At(at, async cancelled =>
        {
            _reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancelled);
        });
        using var leaves = new CancellationTokenSource();
        var asking = _edge.Http.SendAsync(Request(), HttpCompletionOption.ResponseContentRead, leaves.Token);
        await Soon.In(_reached.Task);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Soon.UntilAsync(() => _owners.Stopped == 1);
        await UntilRefusedAsync();
    }

    [Fact]
    public async Task TurnThatFails_CostsWhatItUsedAtItsOwner()
    {
        At(ScriptPhase.Speaking, static _ => throw new InvalidOperationException("broken"));
        using (var answer = await _edge.Http.SendAsync(Request(), Soon.Token))
            Assert.Contains("response.failed", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await UntilRefusedAsync();
    }

    /// <summary>The use is counted beside the answer. From then on the next turn is refused, which nothing else could use up.</summary>
    private async Task UntilRefusedAsync()
    {
        _owners.OnPhase = null;
        var quotas = _edge.Services.GetRequiredService<TenantQuotas>();
        await Soon.UntilAsync(() => quotas.LimitsOf(new TenantId("Pot"))!.Tokens!.Remaining == 0);
        using var answer = await _edge.Http.SendAsync(Request(), Soon.Token);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        var said = await answer.Content.ReadAsStringAsync();
        Assert.Contains("The quota of 1000 tokens per minute is used up", said, StringComparison.Ordinal);
        Assert.Equal(2, _owners.Turns);
    }

    private void At(ScriptPhase at, Func<CancellationToken, Task> then) => _owners.OnPhase = async (turn, phase, cancelled) =>
    {
        turn.Report.Spent = new Usage(5000, 1000, 7, 0);
        if (phase == at) await then(cancelled);
    };

    private HttpRequestMessage Request() => new(HttpMethod.Post, "/v1/responses")
    {
        Content = Json($$"""{"model":"m","input":"[[final=one]]","stream":true,"previous_response_id":"{{_first}}"}"""),
    };

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
