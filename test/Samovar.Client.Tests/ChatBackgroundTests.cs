using Microsoft.Extensions.AI;
using Samovar.Client.Chat;
using Samovar.Client.Requests;
using Samovar.Testing;
using Samovar.Testing.Scripts;

namespace Samovar.Client.Tests;

/// <summary>Continuation tokens and usage as Microsoft.Extensions.AI has them, with its own loop of tools on top.</summary>
public sealed class ChatBackgroundTests
{
    private const string Steps = "[[steps=2]] [[final=all seen]]";

    private readonly List<string> _places = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private ChatOptions Allowing => new() { AllowBackgroundResponses = true, Tools = [AIFunctionFactory.Create(Look, "look")] };

    [Fact]
    public async Task ToolLoopInTheBackground_IsPolledToItsEnd()
    {
        await using var house = await StoredLab.StartAsync();
        using var client = Looping(house.Lab);
        var answer = await client.GetResponseAsync(Steps, Allowing, Cancelled);
        var messages = answer.Messages.ToList();
        var usage = new UsageDetails();
        for (var late = Soon.Token; answer.ContinuationToken is { } token; late.ThrowIfCancellationRequested())
        {
            var options = Allowing;
            options.ContinuationToken = ResponseContinuationToken.FromBytes(token.ToBytes());
            answer = await client.GetResponseAsync([], options, Cancelled);
            if (answer.Usage is { } more) usage.Add(more);
        }
        Assert.EndsWith("all seen", answer.Text, StringComparison.Ordinal);
        Assert.Equal(["step-1", "step-2"], _places);
        Assert.Equal((3, ChatFinishReason.Stop), (house.Lab.Backend.Turns, answer.FinishReason!.Value));
        Assert.True(usage.CachedInputTokenCount > 0);
    }

    [Fact]
    public async Task ToolLoopInABackgroundStream_RunsToItsEnd()
    {
        await using var house = await StoredLab.StartAsync();
        using var client = Looping(house.Lab);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync(Steps, Allowing, Cancelled)) updates.Add(update);
        var answer = updates.ToChatResponse();
        Assert.EndsWith("all seen", answer.Text, StringComparison.Ordinal);
        Assert.Equal((3, 2), (house.Lab.Backend.Turns, _places.Count));
        Assert.Null(updates[^1].ContinuationToken);
        var usages = updates.SelectMany(static update => update.Contents).OfType<UsageContent>().Select(static one => one.Details).ToList();
        Assert.Equal(3, usages.Count);
        Assert.Equal(usages.Sum(static one => one.CachedInputTokenCount), answer.Usage!.CachedInputTokenCount);
        Assert.All(usages, static one => Assert.Equal(one.InputTokenCount + one.OutputTokenCount, one.TotalTokenCount));
    }

    /// <summary>The stream breaks behind a call, which nobody has run by then: whoever reads on runs it.</summary>
    [Fact]
    public async Task StreamThatIsReadOn_BehindACall_StillHasTheCall()
    {
        await using var house = await StoredLab.StartAsync();
        ResponseContinuationToken? token = null;
        using (var client = new SamovarChatClient(house.Lab.BaseUrl, "scripted", Lab.Quick()))
        {
            await foreach (var update in client.GetStreamingResponseAsync("[[steps=1]] [[final=all seen]]", Allowing, Cancelled))
            {
                token = update.ContinuationToken ?? token;
                if (update.Contents.OfType<FunctionCallContent>().Any()) break;
            }
        }
        Assert.Empty(_places);
        using var other = Looping(house.Lab);
        var options = Allowing;
        options.ContinuationToken = ResponseContinuationToken.FromBytes(token!.ToBytes());
        var answer = await other.GetStreamingResponseAsync([], options, Cancelled).ToChatResponseAsync(Cancelled);
        Assert.EndsWith("all seen", answer.Text, StringComparison.Ordinal);
        Assert.Equal(["step-1"], _places);
        Assert.Equal(2, house.Lab.Backend.Turns);
    }

    /// <summary>What is allowed need not be had: a server whose responses do not outlive it makes none in the background.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ServerWithoutBackgroundResponses_AnswersAtOnce(bool streams)
    {
        await using var lab = await Lab.StartAsync();
        using var client = Looping(lab);
        var answer = streams ? await client.GetStreamingResponseAsync(Steps, Allowing, Cancelled).ToChatResponseAsync(Cancelled)
            : await client.GetResponseAsync(Steps, Allowing, Cancelled);
        Assert.EndsWith("all seen", answer.Text, StringComparison.Ordinal);
        Assert.Null(answer.ContinuationToken);
        Assert.Equal((3, 2), (lab.Backend.Turns, _places.Count));
        using var asking = new SamovarChatClient(lab.BaseUrl, "scripted", Lab.Quick());
        var asked = new ChatOptions { RawRepresentationFactory = static _ => new ResponseRequest { Background = true } };
        await Assert.ThrowsAsync<Errors.ResponsesException>(() => asking.GetResponseAsync("hi", asked, Cancelled)); // not merely allowed
    }

    [Fact]
    public async Task DurableConversation_StaysItsId_WhileItIsPolled()
    {
        await using var house = await StoredLab.StartAsync();
        using var made = await house.Lab.Server.Http.PostAsync(
            "/v1/conversations", new StringContent("{}", null, "application/json"), Cancelled);
        using var json = System.Text.Json.JsonDocument.Parse(await made.Content.ReadAsStringAsync(Cancelled));
        var options = new ChatOptions { AllowBackgroundResponses = true, ConversationId = json.RootElement.GetProperty("id").GetString() };
        using var client = new SamovarChatClient(house.Lab.BaseUrl, "scripted", Lab.Quick());
        var answer = await client.GetResponseAsync("[[final=late]]", options, Cancelled);
        for (var late = Soon.Token; answer.ContinuationToken is { } token; late.ThrowIfCancellationRequested())
        {
            options.ContinuationToken = token;
            answer = await client.GetResponseAsync([], options, Cancelled);
            Assert.Equal(options.ConversationId, answer.ConversationId);
        }
        Assert.Equal("late", answer.Text);
    }

    private static IChatClient Looping(Lab lab) =>
        new SamovarChatClient(lab.BaseUrl, "scripted", Lab.Quick()).AsBuilder().UseFunctionInvocation().Build();

    [System.ComponentModel.Description("Looks at a place.")]
    private string Look(string place)
    {
        _places.Add(place);
        return "a table";
    }
}
