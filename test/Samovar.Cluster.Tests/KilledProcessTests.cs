using System.Net;
using System.Text.Json;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>What a killed node had locked and what it ran in the background is free when its row is dead, not when its time is
/// up.</summary>
public sealed class KilledProcessTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{
    /// <summary>Longer than a test waits.</summary>
    private static readonly (string, string)[] LongLeases = [("Conversations__LockMax", "01:00:00"), ("Background__LeaseMax", "01:00:00")];

    [Fact]
    public async Task KilledNode_LeavesItsConversationToTheNextTurn()
    {
        await using var nodes = await Nodes.StartAsync(database, 2, LongLeases);
        await nodes.UntilAllSeenAsync();
        var conversation = await NameOneAsync(nodes.B);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers.", conversation: conversation));
        var endless = AskWithoutEnd();
        endless["conversation"] = conversation;
        using var turn = await nodes.A.Server.StreamAsync(endless);
        Assert.Equal("conversation_locked", (await AskAsync(nodes.B, conversation)).Code);
        await nodes.A.KillAsync();
        var next = await UntilAsync(() => AskAsync(nodes.B, conversation), static answer => answer.IsWon);
        Assert.True(next.InputTokens > first.InputTokens, "It went on from less than it had.");
    }

    [Fact]
    public async Task KilledNode_ItsBackgroundTurnHasFailed_AndItsConversationIsFree()
    {
        await using var nodes = await Nodes.StartAsync(database, 2, LongLeases);
        await nodes.UntilAllSeenAsync();
        var conversation = await NameOneAsync(nodes.B);
        var endless = AskWithoutEnd();
        (endless["conversation"], endless["background"]) = (conversation, true);
        var begun = await nodes.A.Server.TryAsync(endless);
        await nodes.A.UntilRunningAsync();
        await nodes.A.KillAsync();
        var end = await UntilAsync(
            () => nodes.B.Server.GetAsync($"/v1/responses/{begun.Id}"), static answer => answer.State is "failed");
        Assert.Equal("server_restart", end.Code);
        await UntilAsync(() => AskAsync(nodes.B, conversation), static answer => answer.IsWon);
    }

    private static Task<Answer> AskAsync(Node node, string conversation) =>
        node.Server.TryAsync(Ask("And five mountains.", conversation: conversation));

    private static async Task<string> NameOneAsync(Node node)
    {
        var answer = await node.Server.PostAsync("/v1/conversations", new { });
        Assert.Equal((HttpStatusCode.OK, JsonValueKind.String), (answer.Status, answer.Body.GetProperty("id").ValueKind));
        return answer.Id;
    }
}
