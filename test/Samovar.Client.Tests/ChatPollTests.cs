using System.Text;
using Microsoft.Extensions.AI;
using Samovar.Client.Chat;
using Samovar.Client.Settings;

namespace Samovar.Client.Tests;

/// <summary>A background response that is looked at while it is being made, of a server that shows what there is of it so far.</summary>
public sealed class ChatPollTests
{
    private const string Call = """
        {"type":"function_call","id":"fc_1","call_id":"call_1","name":"look","arguments":"{\"place\":\"attic\"}","status":"completed"}
        """;

    private readonly List<string> _places = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CallOfAResponseThatIsStillMade_IsNotShown_UntilItHasEnded()
    {
        var server = new Polled(One("in_progress", Call), One("in_progress", Call), One("completed", Call));
        using var client = Connect(server);
        var begun = await client.GetResponseAsync("look", Allowing(), Cancelled);
        var looked = await client.GetResponseAsync([], Allowing(begun), Cancelled);
        Assert.All([begun, looked], static answer =>
        {
            Assert.NotNull(answer.ContinuationToken);
            Assert.Null(answer.FinishReason);
            Assert.Empty(answer.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>());
        });
        var ended = await client.GetResponseAsync([], Allowing(looked), Cancelled);
        Assert.Equal((null, ChatFinishReason.ToolCalls), (ended.ContinuationToken, ended.FinishReason!.Value));
        Assert.Single(ended.Messages.SelectMany(static message => message.Contents).OfType<FunctionCallContent>());
    }

    [Fact]
    public async Task LoopOfTools_RunsTheCallOnce_AndGoesOnFromTheEndedResponse()
    {
        var server = new Polled(One("in_progress", Call), One("in_progress", Call), One("completed", Call), Two);
        using var client = Connect(server).AsBuilder().UseFunctionInvocation().Build();
        var answer = await client.GetResponseAsync("look", Allowing(), Cancelled);
        while (answer.ContinuationToken is not null)
        {
            Assert.Empty(_places);
            answer = await client.GetResponseAsync([], Allowing(answer), Cancelled);
        }
        Assert.Equal("all seen", answer.Text);
        Assert.Equal(["attic"], _places);
        Assert.Equal(
            ["POST /v1/responses", "GET /v1/responses/resp_1", "GET /v1/responses/resp_1", "POST /v1/responses"], server.Asked);
        Assert.Contains("\"previous_response_id\":\"resp_1\"", server.Bodies[^1], StringComparison.Ordinal);
    }

    private static string One(string status, string output) =>
        $$"""{"id":"resp_1","object":"response","status":"{{status}}","model":"m","background":true,"output":[{{output}}]}""";

    private static string Two => """
        {"id":"resp_2","object":"response","status":"completed","model":"m","output":[{"type":"message","id":"msg_1","role":"assistant",
        "status":"completed","content":[{"type":"output_text","text":"all seen","annotations":[]}]}]}
        """;

    private ChatOptions Allowing(ChatResponse? goesOn = null) => new()
    {
        AllowBackgroundResponses = true,
        ContinuationToken = goesOn?.ContinuationToken,
        Tools = [AIFunctionFactory.Create(Look, "look")],
    };

    private static SamovarChatClient Connect(Polled server) => new(
        new Uri("http://polled.example/v1"), "m", new ResponsesOptions { Transport = TransportChoice.Http, Handler = server });

    [System.ComponentModel.Description("Looks at a place.")]
    private string Look(string place)
    {
        _places.Add(place);
        return "a table";
    }

    /// <summary>Answers each request with the next of its answers.</summary>
    private sealed class Polled(params IEnumerable<string> answers) : HttpMessageHandler
    {
        private readonly Queue<string> _answers = new(answers);

        public List<string> Asked { get; } = [];
        public List<string> Bodies { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken caller)
        {
            Asked.Add($"{request.Method} {request.RequestUri!.AbsolutePath}");
            Bodies.Add(request.Content is { } body ? await body.ReadAsStringAsync(caller) : "");
            return new HttpResponseMessage { Content = new StringContent(_answers.Dequeue(), Encoding.UTF8, "application/json") };
        }
    }
}
