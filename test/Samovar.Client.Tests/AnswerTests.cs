using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.AI;
using Samovar.Client.Chat;
using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Testing;

namespace Samovar.Client.Tests;

/// <summary>Answers over HTTP that come whole, are cut in their body, or never end.</summary>
public sealed class AnswerTests
{
    private const string Whole = """{"id":"resp_1","object":"response","status":"completed","model":"m","output":[{"type":"message",""" +
        """ "id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"all at once"}]}],""" +
        """ "usage":{"input_tokens":3,"output_tokens":2}}""";

    private const string Created = """data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"m",""" +
        """ "status":"in_progress","output":[]}}""" + "\n\n";

    private static readonly ResponseRequest Hi = ResponseRequest.Of("hi") with { Model = "m" };
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>An answer that is stored is there, whatever becomes of one look at it.</summary>
    [Fact]
    public async Task StoredAnswer_ThatIsCutInItsBody_IsLookedForAgain()
    {
        var (posts, gets) = (0, 0);
        var handler = new Scripted(request => request.Method == HttpMethod.Post
            ? Body("text/event-stream", posts++ == 0 ? Created : "")
            : ++gets == 1 ? Broken(new IOException("cut")) : Body("application/json", Whole));
        await using var connection = new ResponsesConnection(new Uri("http://nowhere/v1"), Over(handler, TimeProvider.System));
        var answer = await Soon.In(connection.Start().RunAsync(Hi, Cancelled));
        Assert.Equal(("all at once", 1, 2), (answer.Text, posts, gets));
    }

    [Fact]
    public async Task AnswerThatIsCut_OrNeverEnds_IsOneException()
    {
        var time = new ManualTime();
        await using (var connection = new ResponsesConnection(
            new Uri("http://nowhere/v1"), Over(new Scripted(static _ => Broken(new IOException("cut"))), time)))
        {
            foreach (var ask in Questions(connection))
                Assert.Equal(ResponsesErrorKind.Lost, (await Assert.ThrowsAsync<ResponsesException>(ask)).Kind);
        }
        var options = Over(new Scripted(static _ => Broken(null)), time);
        await using var silent = new ResponsesConnection(new Uri("http://nowhere/v1"), options);
        foreach (var ask in Questions(silent))
        {
            var asked = ask();
            time.Advance(options.SilenceMax - TimeSpan.FromSeconds(1));
            Assert.False(asked.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(ResponsesErrorKind.Lost, (await Assert.ThrowsAsync<ResponsesException>(() => Soon.In(asked))).Kind);
        }
        using var caller = new CancellationTokenSource();
        var left = silent.GetAsync("resp_1", caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon.In(left));
    }

    private static IEnumerable<Func<Task>> Questions(ResponsesConnection connection) =>
    [
        () => connection.GetAsync("resp_1", Cancelled),
        () => connection.CancelAsync("resp_1", Cancelled),
        () => connection.Start().StartBackgroundAsync(Hi, Cancelled),
        () => connection.Start().RunAsync(Hi, Cancelled), // whole, and not asked for twice
    ];

    [Fact]
    public async Task AnswerThatComesWhole_IsReadAsEvents()
    {
        var options = Over(new Scripted(static _ => Body("application/json", Whole)), TimeProvider.System);
        await using var connection = new ResponsesConnection(new Uri("http://nowhere/v1"), options);
        var lane = connection.Start();
        var events = await Lab.ListAsync(lane.StreamAsync(Hi, Cancelled));
        Assert.Equal(["response.created", "response.output_text.delta", "response.output_item.done", "response.completed"],
            events.Select(e => e.Type));
        Assert.Equal(("all at once", 3), (lane.Newest!.Text, lane.Newest.Usage!.InputTokens));
    }

    /// <summary>A server that cannot be asked is no mistake of the caller's.</summary>
    [Theory]
    [InlineData(400, false)]
    [InlineData(405, false)]
    [InlineData(501, false)]
    [InlineData(405, true)]
    public async Task CutAnswer_OfAServerThatCannotBeAsked_IsLost(int status, bool runsAgain)
    {
        var posts = 0;
        var handler = new Scripted(request => request.Method == HttpMethod.Post
            ? posts++ == 0 ? Body("text/event-stream", Created) : Body("application/json", Whole)
            : new HttpResponseMessage((System.Net.HttpStatusCode)status) { Content = new StringContent("") });
        var options = new ResponsesOptions
        {
            Transport = TransportChoice.Http, Handler = handler, BackoffFirst = TimeSpan.FromMilliseconds(1),
            RunsLostTurnsAgain = runsAgain,
        };
        await using var connection = new ResponsesConnection(new Uri("http://nowhere/v1"), options);
        var turn = Soon.In(connection.Start().RunAsync(Hi, Cancelled));
        if (runsAgain) Assert.Equal("all at once", (await turn).Text);
        else
        {
            var error = await Assert.ThrowsAsync<ResponsesException>(() => turn);
            Assert.Equal((ResponsesErrorKind.Lost, "resp_1", status), (error.Kind, error.ResponseId, error.Status));
        }
    }

    [Fact]
    public async Task BackgroundTurn_WaitsForRoom_AndHasItsBound()
    {
        var time = new ManualTime();
        var (posts, keys) = (0, new HashSet<string>());
        var handler = new Scripted(request =>
        {
            keys.Add(request.Headers.GetValues("Idempotency-Key").Single());
            if (posts++ > 0) return Body("application/json", Whole);
            var full = new HttpResponseMessage(System.Net.HttpStatusCode.TooManyRequests) { Content = new StringContent("") };
            full.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7));
            return full;
        });
        await using var connection = new ResponsesConnection(new Uri("http://nowhere/v1"), Over(handler, time));
        var armed = time.WhenArmed(TimeSpan.FromSeconds(7));
        var turn = connection.Start().StartBackgroundAsync(Hi, Cancelled);
        await Soon.In(armed);
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(("resp_1", 2), ((await Soon.In(turn)).Id!.Value.Value, posts));
        Assert.Single(keys); // a server that knows it begins it once
        var error = await Assert.ThrowsAsync<ResponsesException>(
            () => connection.Start().StartBackgroundAsync(ResponseRequest.Of(new string('a', 17 << 20)), Cancelled));
        Assert.Equal((ResponsesErrorKind.TooLarge, 2), (error.Kind, posts));
    }

    /// <summary>What stands between may have let it through.</summary>
    [Theory]
    [InlineData(502)]
    [InlineData(504)]
    public async Task BackgroundTurn_ThatMayHaveBegun_IsNotBegunAgain(int status)
    {
        var posts = 0;
        var handler = new Scripted(_ =>
        {
            posts++;
            return new HttpResponseMessage((System.Net.HttpStatusCode)status) { Content = new StringContent("<html>bad gateway</html>") };
        });
        await using var connection = new ResponsesConnection(new Uri("http://nowhere/v1"), Over(handler, TimeProvider.System));
        await Assert.ThrowsAsync<ResponsesException>(() => connection.Start().StartBackgroundAsync(Hi, Cancelled));
        Assert.Equal(1, posts);
    }

    private const string Thought = """{"id":"resp_1","object":"response","status":"completed","model":"m","output":[""" +
        """ {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"in short"}],""" +
        """ "content":[{"type":"reasoning_text","text":"at length"}]},""" +
        """ {"type":"message","id":"msg_1","role":"assistant","content":[{"type":"refusal","refusal":"I will not."}]}]}""";

    [Fact]
    public async Task AnswerThatComesWhole_HasItsThoughts_AndItsRefusal()
    {
        var options = Over(new Scripted(static _ => Body("application/json", Thought)), TimeProvider.System);
        await using var connection = new ResponsesConnection(new Uri("http://nowhere/v1"), options);
        var events = await Lab.ListAsync(connection.Start().StreamAsync(Hi, Cancelled));
        Assert.Equal(["response.created", "response.reasoning_summary_text.delta", "response.reasoning_text.delta",
            "response.output_item.done", "response.refusal.delta", "response.refusal.done", "response.output_item.done",
            "response.completed"], events.Select(static e => e.Type));
        using var chat = new SamovarChatClient(connection, "m");
        var answer = await chat.GetStreamingResponseAsync("hi", cancellationToken: Cancelled).ToChatResponseAsync(Cancelled);
        var contents = answer.Messages.SelectMany(static message => message.Contents).ToList();
        Assert.Equal("in shortat length", string.Concat(contents.OfType<TextReasoningContent>().Select(static one => one.Text)));
        var refusal = contents.OfType<ErrorContent>().Single();
        Assert.Equal(("I will not.", "refusal"), (refusal.Message, refusal.ErrorCode));
    }

    /// <summary>What came before the cut comes once.</summary>
    [Fact]
    public async Task AnswerThatIsFoundWhole_SaysTheRestOfItsThoughts()
    {
        const string Begun = Created + """data: {"type":"response.reasoning_summary_text.delta","sequence_number":1,"item_id":"rs_1",""" +
            """ "output_index":0,"summary_index":0,"delta":"in s"}""" + "\n\n" +
            """data: {"type":"response.refusal.delta","sequence_number":2,"item_id":"msg_1","output_index":1,"content_index":0,""" +
            """ "delta":"I will"}""" + "\n\n";
        var options = Over(new Scripted(static request => request.Method == HttpMethod.Post
            ? Body("text/event-stream", Begun) : Body("application/json", Thought)), TimeProvider.System);
        await using var connection = new ResponsesConnection(new Uri("http://nowhere/v1"), options);
        var events = await Lab.ListAsync(connection.Start().StreamAsync(Hi, Cancelled));
        Assert.Equal(["in s", "hort"], events.OfType<TurnEvent.SummaryDelta>().Select(static e => e.Delta));
        Assert.Equal(["I will", " not."], events.OfType<TurnEvent.RefusalDelta>().Select(static e => e.Delta));
        Assert.Equal("I will not.", events.OfType<TurnEvent.RefusalDone>().Single().Refusal);
        Assert.Equal("at length", events.OfType<TurnEvent.ReasoningDelta>().Single().Delta);
    }

    /// <summary>What the turn before it made is not what it made.</summary>
    [Fact]
    public async Task TurnWithoutAName_IsNobodyElses()
    {
        const string Nameless = """data: {"type":"response.completed","response":{"status":"completed","output":[]}}""" + "\n\n";
        var posts = 0;
        var options = Over(new Scripted(_ => posts++ == 0 ? Body("application/json", Whole) : Body("text/event-stream", Nameless)),
            TimeProvider.System);
        await using var connection = new ResponsesConnection(new Uri("http://nowhere/v1"), options);
        var lane = connection.Start();
        Assert.Equal("resp_1", (await lane.RunAsync(Hi, Cancelled)).Id);
        var error = await Assert.ThrowsAsync<ResponsesException>(() => lane.RunAsync(Hi, Cancelled));
        Assert.Equal(ResponsesErrorKind.Unreadable, error.Kind);
        Assert.Equal("resp_1", lane.NewestId);
    }

    private static ResponsesOptions Over(HttpMessageHandler handler, TimeProvider time) => new()
    {
        Transport = TransportChoice.Http, Handler = handler, Time = time, BackoffFirst = TimeSpan.FromMilliseconds(1),
    };

    private static HttpResponseMessage Body(string type, string text) =>
        new() { Content = new StringContent(text, Encoding.UTF8, type) };

    /// <summary>An answer whose head comes, and then nothing, or that it broke.</summary>
    private static HttpResponseMessage Broken(Exception? fault)
    {
        var pipe = new Pipe();
        if (fault is not null) pipe.Writer.Complete(fault);
        var content = new StreamContent(pipe.Reader.AsStream());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpResponseMessage { Content = content };
    }

    private sealed class Scripted(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken caller) =>
            Task.FromResult(answer(request));
    }
}
