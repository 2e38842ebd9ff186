using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Peers;

/// <summary>A turn whose relay broke, and that cannot be looked for: where it may run it is ended, or it would be stored as one that came
/// to its end.</summary>
public sealed class RelayedBreakTests : IAsyncDisposable
{
    private const string Delta = ",\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\"half of\"";
    private readonly ScriptedBackend _backend = new(new IdSource());
    private readonly ClusterRows _rows = new();
    private readonly TaskCompletionSource<string> _cancelled = new();

    public ValueTask DisposeAsync() => _rows.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TurnThatBreaksWhileTheRowsAreAway_EndsAtItsOwner(bool wasHeard)
    {
        var said = wasHeard ? OddPeer.Created + OddPeer.Event("response.output_text.delta", 1, Delta) : ": here\n\n";
        await using var owner = await OddPeer.StartAsync(http => AnswerAsync(http, said));
        _rows.Owner = owner.Node;
        _rows.Add(owner.Node);
        await using var edge = await ClusterHouse.StartAsync(_backend, _rows);
        var cluster = edge.Services.GetRequiredService<ICluster>();
        await Soon.UntilAsync(() => cluster.Nodes.Count == 2);
        using var body = new StringContent(
            """{"model":"m","input":"more","stream":true,"previous_response_id":"resp_0"}""", Encoding.UTF8, "application/json");
        using var reply = await Soon.In(edge.Http.PostAsync("/v1/responses", body));
        Assert.Contains("store_unavailable", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.EndsWith("/cancel", await Soon.In(_cancelled.Task), StringComparison.Ordinal);
    }

    private async Task AnswerAsync(HttpContext http, string said)
    {
        if (http.Request.Path.Value!.EndsWith("/cancel", StringComparison.Ordinal))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            _cancelled.TrySetResult(http.Request.Path.Value);
            return;
        }
        await OddPeer.Streams(said)(http);
        await http.Response.Body.FlushAsync();
        _rows.TreesAway = new StoreAwayException("The database is away.");
        http.Abort();
    }
}
