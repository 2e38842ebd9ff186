using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Conversations;
using OpenAI.Responses;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Interop.Tests;

/// <summary>The same as OpenAI for .NET has it.</summary>
public sealed class DotnetStoredStateTests : IDisposable
{
    private static readonly ApiKeyCredential Key = new("none");
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-stored-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Conversation_LivesOn()
    {
        string id;
        await using (var server = await StartAsync())
        {
            var conversations = new ConversationClient(Key, OptionsFor(server));
            var made = Json(await conversations.CreateConversationAsync(
                Body("""{"metadata":{"topic":"tea"},"items":[{"type":"message","role":"user","content":"I like tea."}]}"""), Asked));
            id = made.GetProperty("id").GetString()!;
            Assert.Equal(made.GetRawText(), Json(await conversations.GetConversationAsync(id, Asked)).GetRawText());
            var responses = new ResponsesClient(
                Key, new ResponsesClientOptions { Endpoint = Endpoint(server), RetryPolicy = new ClientRetryPolicy(0) });
            var options = new CreateResponseOptions { Model = "m", ConversationOptions = new ResponseConversationOptions(id) };
            options.InputItems.Add(ResponseItem.CreateUserMessageItem("[[final=one]] first"));
            ResponseResult response = await responses.CreateResponseAsync(options, Soon.Token);
            Assert.Equal(("one", id), (response.GetOutputText(), response.ConversationOptions.ConversationId));
        }
        await using var again = await StartAsync();
        var same = new ConversationClient(Key, OptionsFor(again));
        var items = new List<JsonElement>();
        await foreach (var page in same.GetConversationItemsAsync(id, limit: 2, order: "asc", after: null, include: null, Asked)
            .GetRawPagesAsync())
            items.AddRange(Json(page).GetProperty("data").EnumerateArray());
        Assert.Equal(["I like tea.", "[[final=one]] first", "one"],
            items.Select(item => item.GetProperty("content")[0].GetProperty("text").GetString()));
        await same.DeleteConversationItemAsync(id, items[0].GetProperty("id").GetString(), Asked);
        Assert.True(Json(await same.DeleteConversationAsync(id, Asked)).GetProperty("deleted").GetBoolean());
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => same.GetConversationAsync(id, Asked))).Status);
    }

    [Fact]
    public async Task StoredCompletion_LivesOn()
    {
        string id;
        await using (var server = await StartAsync())
        {
            var options = new ChatCompletionOptions { StoredOutputEnabled = true };
            options.Metadata["n"] = "1";
            var chat = new ChatClient("m", Key, OptionsFor(server));
            ChatCompletion made = await chat.CompleteChatAsync([new UserChatMessage("[[final=kept]] hi")], options, Soon.Token);
            id = made.Id;
        }
        await using var again = await StartAsync();
        var same = new ChatClient("m", Key, OptionsFor(again));
        ChatCompletion read = await same.GetChatCompletionAsync(id, Soon.Token);
        Assert.Equal("kept", read.Content[0].Text);
        var listed = new List<string>();
        await foreach (var one in same.GetChatCompletionsAsync(cancellationToken: Soon.Token)) listed.Add(one.Id);
        Assert.Equal([id], listed);
        ChatCompletion changed = await same.UpdateChatCompletionAsync(id, new Dictionary<string, string> { ["n"] = "2" }, Soon.Token);
        Assert.Equal(id, changed.Id);
        var messages = new List<ChatCompletionMessageListDatum>();
        await foreach (var message in same.GetChatCompletionMessagesAsync(id, cancellationToken: Soon.Token)) messages.Add(message);
        Assert.Equal("[[final=kept]] hi", Assert.Single(messages).Content);
        ChatCompletionDeletionResult deleted = await same.DeleteChatCompletionAsync(id, Soon.Token);
        Assert.True(deleted.Deleted);
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => same.GetChatCompletionAsync(id, Soon.Token))).Status);
    }

    private static RequestOptions Asked => new() { CancellationToken = Soon.Token };

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(new ScriptedBackend(new IdSource()),
        new Dictionary<string, string?> { ["Store:Kind"] = "sqlite", ["Server:DataPath"] = _folder });

    private static Uri Endpoint(RunningServer server) => new(server.Address, "v1");

    private static OpenAIClientOptions OptionsFor(RunningServer server) =>
        new() { Endpoint = Endpoint(server), RetryPolicy = new ClientRetryPolicy(0) };

    private static BinaryContent Body(string json) => BinaryContent.Create(BinaryData.FromString(json));

    private static JsonElement Json(ClientResult result) => JsonDocument.Parse(result.GetRawResponse().Content).RootElement;
}
