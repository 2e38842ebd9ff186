using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Samovar.Client.Chat;
using Samovar.Client.Errors;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Protocol.Json;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Upstreams;

namespace Samovar.Client.Tests;

/// <summary>The chat client of Microsoft.Extensions.AI, against the real server and a plain one.</summary>
public sealed class ChatClientTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TransportChoice.WebSocket)]
    [InlineData(TransportChoice.Http)]
    public async Task Conversation_GoesOnByItsId(TransportChoice transport)
    {
        await using var lab = await Lab.StartAsync();
        using var client = new SamovarChatClient(lab.BaseUrl, "scripted", Lab.Quick(transport));
        var first = await client.GetResponseAsync("[[final=one]]", cancellationToken: Cancelled);
        var options = new ChatOptions { ConversationId = first.ConversationId };
        var second = await client.GetResponseAsync("[[final=two]]", options, Cancelled);
        Assert.Equal(("one", "two"), (first.Text, second.Text));
        Assert.Equal((ChatFinishReason.Stop, "scripted"), (second.FinishReason!.Value, second.ModelId));
        Assert.True(second.Usage!.CachedInputTokenCount > 0);
        Assert.True(second.Usage.InputTokenCount > first.Usage!.InputTokenCount);
        Assert.Equal("samovar", client.GetService<ChatClientMetadata>()!.ProviderName);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tools_AreCalledUnderFunctionInvocation(bool streams)
    {
        await using var lab = await Lab.StartAsync();
        await using var connection = lab.Connect();
        var places = new List<string>();
        using var client = new SamovarChatClient(connection, "scripted").AsBuilder().UseFunctionInvocation().Build();
        var options = new ChatOptions { Tools = [AIFunctionFactory.Create(Look, "look")] };
        ChatMessage[] messages = [new(ChatRole.User, "[[steps=2]] [[say=hm]] [[think=enc]] [[final=all seen]]")];
        var answer = streams ? await client.GetStreamingResponseAsync(messages, options, Cancelled).ToChatResponseAsync(Cancelled)
            : await client.GetResponseAsync(messages, options, Cancelled);
        Assert.Equal(["step-1", "step-2"], places);
        Assert.EndsWith("all seen", answer.Text, StringComparison.Ordinal);
        Assert.Equal(3, lab.Backend.Turns);
        Assert.Equal(1, connection.SocketsOpened);

        [Description("Looks at a place.")]
        string Look(string place)
        {
            places.Add(place);
            return "a table";
        }
    }

    [Fact]
    public async Task Thoughts_ComeAndGoBack()
    {
        await using var lab = await Lab.StartAsync();
        using var client = new SamovarChatClient(lab.BaseUrl, "scripted", Lab.Quick());
        var whole = await client.GetResponseAsync("[[think=both]] [[final=done]]", cancellationToken: Cancelled);
        var thought = whole.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().Single();
        Assert.Equal("secret thoughts", thought.Text);
        Assert.StartsWith("gAAAA", thought.ProtectedData, StringComparison.Ordinal);
        var streamed = await client.GetStreamingResponseAsync("[[think=enc]] [[final=done]]", cancellationToken: Cancelled)
            .ToChatResponseAsync(Cancelled);
        var contents = streamed.Messages.SelectMany(message => message.Contents).OfType<TextReasoningContent>().ToList();
        Assert.Equal("thinking", string.Concat(contents.Select(content => content.Text)));
        Assert.Contains(contents, content => content.ProtectedData?.StartsWith("gAAAA", StringComparison.Ordinal) == true);
        List<ChatMessage> history =
            [new(ChatRole.User, "[[think=both]] [[final=done]]"), .. whole.Messages, new(ChatRole.User, "[[final=again]]")];
        Assert.Equal("again", (await client.GetResponseAsync(history, cancellationToken: Cancelled)).Text); // stateless use
    }

    [Fact]
    public async Task Stream_HasItsTextInPieces_AndItsUsageAtTheEnd()
    {
        await using var lab = await Lab.StartAsync();
        using var client = new SamovarChatClient(lab.BaseUrl, "scripted", Lab.Quick());
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("[[final=a long answer]]", cancellationToken: Cancelled))
            updates.Add(update);
        Assert.True(updates.Count(update => update.Text.Length > 0) > 2);
        Assert.Equal("a long answer", string.Concat(updates.Select(update => update.Text)));
        Assert.Equal(ChatFinishReason.Stop, updates[^1].FinishReason);
        Assert.Single(updates[^1].Contents.OfType<UsageContent>());
        Assert.All(updates, update => Assert.Equal(updates[0].ResponseId, update.ResponseId));
        Assert.Null(updates[^1].ContinuationToken);
    }

    [Fact]
    public async Task BackgroundResponse_IsFetchedByItsToken()
    {
        await using var house = await StoredLab.StartAsync();
        var gate = new TaskCompletionSource();
        house.Lab.Backend.OnPhase = async (_, phase, ends) =>
        {
            if (phase == ScriptPhase.Begun) await gate.Task.WaitAsync(ends);
        };
        using var client = new SamovarChatClient(house.Lab.BaseUrl, "scripted", Lab.Quick());
        var begun = await client.GetResponseAsync("[[final=late]]", new ChatOptions { AllowBackgroundResponses = true }, Cancelled);
        Assert.NotNull(begun.ContinuationToken);
        var token = ResponseContinuationToken.FromBytes(begun.ContinuationToken.ToBytes()); // as it comes back out of a store
        var still = await client.GetResponseAsync([], new ChatOptions { ContinuationToken = token }, Cancelled);
        Assert.NotNull(still.ContinuationToken);
        gate.SetResult();
        for (var late = Soon.Token; still.ContinuationToken is not null; late.ThrowIfCancellationRequested())
            still = await client.GetResponseAsync([], new ChatOptions { ContinuationToken = token }, Cancelled);
        Assert.Equal(("late", 1), (still.Text, house.Lab.Backend.Turns));
    }

    [Fact]
    public async Task BackgroundStream_IsReadOnByItsToken()
    {
        await using var house = await StoredLab.StartAsync();
        var options = new ChatOptions { AllowBackgroundResponses = true };
        ResponseContinuationToken? token = null;
        var (said, pieces) = ("", 0);
        using (var client = new SamovarChatClient(house.Lab.BaseUrl, "scripted", Lab.Quick()))
        {
            await foreach (var update in client.GetStreamingResponseAsync("[[final=once upon a time]]", options, Cancelled))
            {
                (said, token) = (said + update.Text, update.ContinuationToken);
                if (update.Text.Length > 0 && ++pieces == 2) break;
            }
        }
        using var other = new SamovarChatClient(house.Lab.BaseUrl, "scripted", Lab.Quick());
        await foreach (var update in other.GetStreamingResponseAsync([], new ChatOptions { ContinuationToken = token }, Cancelled))
            said += update.Text;
        Assert.Equal(("once upon a time", 1), (said, house.Lab.Backend.Turns));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => other.GetResponseAsync("more", new ChatOptions { ContinuationToken = token }, Cancelled));
    }

    [Fact]
    public async Task Options_AreMapped()
    {
        await using var server = await FakeUpstream.StartAsync("plain");
        server.RefuseUpgrade = 426;
        using var client = new SamovarChatClient(new Uri(server.BaseUrl), "m", Lab.Quick());
        await client.GetResponseAsync([new(ChatRole.User, [new TextContent("look"), new DataContent(new byte[] { 1 }, "image/png")])],
            new ChatOptions
            {
                Instructions = "Be short.", Temperature = 0.7f, TopP = 0.9f, MaxOutputTokens = 100, Seed = 5, StopSequences = ["."],
                ResponseFormat = ChatResponseFormat.ForJsonSchema(
                    JsonDocument.Parse("""{"type":"object"}""").RootElement, "thing", "a thing"),
                Tools = [AIFunctionFactory.Create((string place) => place, "look", "Looks.")],
                ToolMode = ChatToolMode.RequireSpecific("look"), AllowMultipleToolCalls = false,
                Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High, Output = ReasoningOutput.Summary },
                RawRepresentationFactory = _ => new ResponseRequest
                    { Store = true, More = new Dictionary<string, RawJson> { ["metadata"] = RawJson.Of("""{"a":"b"}""") } },
            }, Cancelled);
        var body = server.Requests.Single().Json;
        var tool = body.GetProperty("tools")[0];
        Assert.Equal(("function", "look", "Looks."), (
            tool.GetProperty("type").GetString(), tool.GetProperty("name").GetString(), tool.GetProperty("description").GetString()));
        var place = tool.GetProperty("parameters").GetProperty("properties").GetProperty("place");
        Assert.Equal("string", place.GetProperty("type").GetString());
        string[] expected =
        [
            """ "model":"m" """, """ "instructions":"Be short." """, """ "tool_choice":{"type":"function","name":"look"} """,
            """ "parallel_tool_calls":false """, """ "temperature":0.7 """, """ "top_p":0.9 """, """ "max_output_tokens":100 """,
            """ "format":{"type":"json_schema","name":"thing","description":"a thing","schema":{"type":"object"}} """,
            """ "reasoning":{"effort":"high","summary":"auto"} """, """ "store":true """, """ "metadata":{"a":"b"} """,
            """ "seed":5 """, """ "stop":["."] """, """ {"type":"input_text","text":"look"} """,
            """ {"type":"input_image","image_url":"data:image/png;base64,AQ=="} """,
        ];
        Assert.All(expected, part => Assert.Contains(part.Trim(), body.GetRawText(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Failure_IsTheLibrarysOwn()
    {
        await using var lab = await Lab.StartAsync();
        using var client = new SamovarChatClient(lab.BaseUrl, "scripted", Lab.Quick());
        lab.Backend.OnPhase = (_, phase, _) =>
            phase == ScriptPhase.Begun ? default : throw new InvalidOperationException("broken");
        var error = await Assert.ThrowsAsync<ResponsesException>(() => client.GetResponseAsync("hi", cancellationToken: Cancelled));
        Assert.Equal(ResponsesErrorKind.Failed, error.Kind);
        await Assert.ThrowsAsync<ResponsesException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync("hi", cancellationToken: Cancelled)) { }
        });
    }

    [Fact]
    public async Task DurableConversation_StaysItsId()
    {
        await using var lab = await Lab.StartAsync();
        using var made = await lab.Server.Http.PostAsync("/v1/conversations", new StringContent("{}", null, "application/json"), Cancelled);
        var id = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Cancelled)).RootElement.GetProperty("id").GetString();
        using var client = new SamovarChatClient(lab.BaseUrl, "scripted", Lab.Quick());
        var options = new ChatOptions { ConversationId = id };
        var first = await client.GetResponseAsync("[[final=one]]", options, Cancelled);
        var second = await client.GetResponseAsync("and?", options, Cancelled);
        Assert.Equal(("one", id), (second.Text, second.ConversationId));
        Assert.True(second.Usage!.InputTokenCount > first.Usage!.InputTokenCount);
    }
}
