using System.Text.Json;
using Samovar.Testing.Servers;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>Conversations that begin at a node that has no stream for them.</summary>
public sealed class NewChainTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{
    private static readonly (string, string) Settled = ("Cluster__SettleTime", "00:00:00.1"); // the database has just been started

    [Fact]
    public async Task Conversation_ThroughAFullNode_BeginsAtTheLeastLoaded_AndGoesOnThere_Warm()
    {
        await using var nodes = await StartAsync();
        using var busy = await nodes.A.Server.StreamAsync(AskWithoutEnd());
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        await nodes.UntilTheyOwnAsync(0, 1, 0);
        var next = await nodes.A.Server.CreateAsync(Ask("And five mountains.", first.Id));
        Assert.InRange(next.CachedTokens, first.InputTokens, next.InputTokens);
        var direct = await nodes.B.Server.CreateAsync(Ask("And five lakes.", next.Id));
        Assert.InRange(direct.CachedTokens, next.InputTokens, direct.InputTokens);
        await nodes.UntilTheyOwnAsync(0, 1, 0);
    }

    [Fact]
    public async Task Conversation_OnASocket_GoesOnByBareFrames_WhereItBegan()
    {
        await using var nodes = await StartAsync();
        using var busy = await nodes.A.Server.StreamAsync(AskWithoutEnd());
        await using var socket = await ClientSocket.ConnectAsync(nodes.A.Socket);
        var frame = Ask("Say the names of five rivers.");
        frame["type"] = "response.create";
        var first = (await socket.AskAsync(JsonSerializer.Serialize(frame)))[^1].GetProperty("response");
        var next = (await socket.AskAsync("""{"input":"And five lakes.","max_output_tokens":16}"""))[^1].GetProperty("response");
        Assert.Equal(first.GetProperty("id").GetString(), next.GetProperty("previous_response_id").GetString());
        await nodes.UntilTheyOwnAsync(0, 1, 0);
    }

    [Fact]
    public async Task Conversation_ThroughANodeWithAFreeStream_BeginsThere()
    {
        await using var nodes = await StartAsync();
        await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        await nodes.UntilTheyOwnAsync(1, 0, 0);
    }

    /// <summary>Nobody has heard of it: it is made once more, where its client is.</summary>
    [Fact]
    public async Task NodeThatIsKilled_WhileItRunsOne_LeavesItToTheNodeThatSentIt()
    {
        await using var nodes = await StartAsync();
        Task<Answer> asking;
        using (await nodes.A.Server.StreamAsync(AskWithoutEnd()))
        {
            asking = nodes.A.Server.CreateAsync(AskWithoutEnd());
            await nodes.B.UntilRunningAsync();
        }
        await nodes.B.KillAsync();
        var next = await nodes.A.Server.CreateAsync(Ask("And then?", (await asking).Id));
        Assert.True(next.CachedTokens > 0);
    }

    private async Task<Nodes> StartAsync()
    {
        var nodes = await Nodes.StartAsync(database, 0);
        await nodes.StartAsync("node-a", Settled, ("Engine__Streams", "1"));
        await nodes.StartAsync("node-b", Settled, ("Engine__Streams", "4"));
        await nodes.StartAsync("node-c", Settled, ("Engine__Streams", "4"));
        await nodes.UntilAllSeenAsync();
        await nodes.A.UntilItSeesStreamsAsync();
        return nodes;
    }
}
