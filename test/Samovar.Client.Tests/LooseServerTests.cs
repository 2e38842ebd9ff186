using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.AI;
using Samovar.Client.Chat;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Testing;

namespace Samovar.Client.Tests;

/// <summary>Servers of the Responses API whose streams leave things out, or number them as they like.</summary>
public sealed class LooseServerTests
{
    private const string Item = """{"type":"function_call","id":"fc_1","call_id":"call_1","name":"look","arguments":"{}",""" +
        """ "status":"completed"}""";

    private const string Message = """{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":""" +
        """[{"type":"output_text","text":"Hello.","annotations":[]}]}""";

    private static readonly ResponseRequest Hi = ResponseRequest.Of("hi") with { Model = "m" };
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0 0 0 0")]
    [InlineData("-1 -1 -1 -1")]
    [InlineData("0 1 0 1")]
    public async Task NumbersOfAServerThatGoesOnByNone_AreNotBelieved(string numbers)
    {
        var number = numbers.Split(' ');
        var events = new[]
        {
            $$$"""{"type":"response.created","sequence_number":{{{number[0]}}},"response":{"id":"resp_1",""" +
                """ "status":"in_progress","output":[]}}""",
            Delta(number[1], "Hel"), Delta(number[2], "lo."), End(Message, number[3]),
        };
        await using var connection = Connect(events);
        Assert.Equal("Hello.", (await Soon.In(connection.Start().RunAsync(Hi, Cancelled))).Text);
        var updates = await ChatAsync(events);
        Assert.Equal("Hello.", string.Concat(updates.Select(update => update.Text)));
    }

    /// <summary>A tool loop that saw no call would end without a word.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WhatOnlyTheLastEventHas_ReachesWhoReadsTheStream(bool hasDeltas)
    {
        const string created = """{"type":"response.created","response":{"id":"resp_1","status":"in_progress","output":[]}}""";
        string[] events = hasDeltas
            ? [created, Delta("1", "Hello."), End($"{Message},{Item}", "2")] : [created, End($"{Message},{Item}", "1")];
        var updates = await ChatAsync(events);
        Assert.Equal("Hello.", string.Concat(updates.Select(update => update.Text)));
        Assert.Equal("call_1", Assert.Single(updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>()).CallId);
        await using var connection = Connect(events);
        var whole = await Soon.In(connection.Start().RunAsync(Hi, Cancelled));
        Assert.Equal(("Hello.", 2), (whole.Text, whole.Output.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ItemsThatAreSaidToBeAtOnePlace_AreAllThere(bool haveIds)
    {
        var (message, call) = haveIds ? (Message, Item)
            : (Message.Replace("\"id\":\"msg_1\",", "", StringComparison.Ordinal),
                Item.Replace("\"id\":\"fc_1\",", "", StringComparison.Ordinal));
        string[] events =
        [
            """{"type":"response.created","response":{"id":"resp_1","status":"in_progress","output":[]}}""",
            $$"""{"type":"response.output_item.done","output_index":0,"item":{{message}}}""",
            $$"""{"type":"response.output_item.done","output_index":0,"item":{{call}}}""",
            End("", "3"),
        ];
        await using var connection = Connect(events);
        var whole = await Soon.In(connection.Start().RunAsync(Hi, Cancelled));
        Assert.Equal(("Hello.", 2), (whole.Text, whole.Output.Count));
    }

    private static async Task<List<ChatResponseUpdate>> ChatAsync(string[] events)
    {
        await using var connection = Connect(events);
        using var client = new SamovarChatClient(connection, "m");
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("hi", cancellationToken: Cancelled)) updates.Add(update);
        return updates;
    }

    private static string Delta(string number, string text) => $$"""
        {"type":"response.output_text.delta","sequence_number":{{number}},"item_id":"msg_1","output_index":0,"content_index":0,
        "delta":"{{text}}"}
        """.ReplaceLineEndings(" ");

    private static string End(string output, string number) => $$$"""
        {"type":"response.completed","sequence_number":{{{number}}},"response":{"id":"resp_1","status":"completed",
        "output":[{{{output}}}],"usage":null}}
        """.ReplaceLineEndings(" ");

    private static ResponsesConnection Connect(string[] events) => new(new Uri("http://nowhere/v1"), new ResponsesOptions
    {
        Transport = TransportChoice.Http, Handler = new Streams(string.Concat(events.Select(json => $"data: {json.Trim()}\n\n"))),
    });

    private sealed class Streams(string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken caller)
        {
            var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }
    }
}
