using System.Net;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Compaction;

public sealed class SealedConversationTests
{
    [Fact]
    public async Task BrokenSealThatWasAddedToAConversation_IsRefusedWhereItIs_AndTheConversationGoesOnWithoutIt()
    {
        await using var server = await RunningServer.StartAsync(new NotingBackend());
        var (_, compacted) = await server.PostAsync(TalkingServer.Body($"{TalkingServer.Basket},{TalkingServer.Trigger}"));
        var seal = Assert.Single(compacted.GetProperty("output").EnumerateArray()).Text("encrypted_content");
        var (_, conversation) = await server.PostAsync("{}", "/v1/conversations");
        var id = conversation.Text("id");
        var (_, added) = await server.PostAsync(
            $$"""{"items":[{"type":"compaction","encrypted_content":"{{seal[..^8]}}"}]}""", $"/v1/conversations/{id}/items");
        const string more = """{"role":"user","content":"more"}""";
        var (status, refused) = await server.PostAsync(TalkingServer.Body(more, $"\"conversation\":\"{id}\""));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(("invalid_encrypted_content", "conversation"),
            (refused.GetProperty("error").Text("code"), refused.GetProperty("error").Text("param")));
        using var deleted = await server.Http.DeleteAsync(
            $"/v1/conversations/{id}/items/{added.GetProperty("data")[0].Text("id")}");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.PostAsync(TalkingServer.Body(more, $"\"conversation\":\"{id}\""))).Status);
    }
}
