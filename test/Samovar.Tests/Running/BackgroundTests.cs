using System.Net;
using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

public sealed class BackgroundTests : IAsyncLifetime
{
    private readonly BackgroundServer _house = new();

    public async ValueTask InitializeAsync() => await _house.StartAsync();
    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task Background_AnswersAtOnce_AndIsPolled_AndContinued()
    {
        var gate = _house.HoldAt(ScriptPhase.Begun);
        var (status, created) = await _house.CreateAsync();
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("queued", StatusOf(created));
        Assert.True(created.GetProperty("background").GetBoolean());
        var id = created.GetProperty("id").GetString()!;
        await Soon.In(gate.Reached);
        Assert.Contains(StatusOf((await _house.GetAsync(id)).Body), new[] { "queued", "in_progress" });
        gate.Open();
        var ended = await _house.EndedAsync(id);
        Assert.Equal("completed", StatusOf(ended));
        Assert.True(ended.GetProperty("background").GetBoolean());
        Assert.Equal(created.GetProperty("created_at").GetInt64(), ended.GetProperty("created_at").GetInt64());
        Assert.Equal("fine", ended.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        var (_, next) = await _house.PostAsync("/v1/responses", $$"""{"model":"m","input":"go on","previous_response_id":"{{id}}"}""");
        Assert.Equal(id, next.GetProperty("previous_response_id").GetString());
        Assert.Equal("completed", StatusOf(next));
        Assert.False(next.GetProperty("background").GetBoolean());
        await SoonOverAsync();
        Assert.Empty(_house.Rows.Rows); // it is a stored response now
    }

    [Fact]
    public async Task Snapshot_HasTheItemsThatAreDone()
    {
        var gate = _house.HoldAt(ScriptPhase.Finishing);
        var id = await _house.BeginAsync("[[final=so far]]");
        await Soon.In(gate.Reached);
        var response = (await _house.GetAsync(id)).Body;
        Assert.Equal("in_progress", StatusOf(response));
        Assert.Equal("so far", response.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        gate.Open();
        Assert.Equal("completed", StatusOf(await _house.EndedAsync(id)));
    }

    [Fact]
    public async Task StreamThatIsDropped_DoesNotStopItsTurn_AndIsReadAgainFromAnyNumber()
    {
        var gate = _house.HoldAt(ScriptPhase.Finishing);
        var id = await _house.BeginStreamAsync("[[final=one two three]]");
        await Soon.In(gate.Reached);
        gate.Open();
        Assert.Equal("completed", StatusOf(await _house.EndedAsync(id)));
        var all = await _house.ReplayAsync(id);
        Assert.Equal(["response.created", "response.queued", "response.in_progress"], all.Take(3).Select(TypeOf));
        Assert.Equal("queued", StatusOf(all[0].GetProperty("response")));
        Assert.Equal("in_progress", StatusOf(all[2].GetProperty("response")));
        Assert.Equal("response.completed", TypeOf(all[^1]));
        Assert.Equal(Enumerable.Range(0, all.Count), all.Select(NumberOf));
        for (var after = 0; after < all.Count + 2; after++)
        {
            var again = await _house.ReplayAsync(id, after);
            Assert.Equal(all.Skip(after + 1).Select(e => e.GetRawText()), again.Select(e => e.GetRawText()));
        }
        Assert.Equal(1, _house.Backend.Turns);
    }

    [Fact]
    public async Task RunningStream_IsFollowedFromANumberOn()
    {
        var gate = _house.HoldAt(ScriptPhase.ItemStarted);
        var id = await _house.BeginStreamAsync();
        await Soon.In(gate.Reached);
        var replay = _house.ReplayAsync(id, after: 1);
        gate.Open();
        var events = await Soon.In(replay);
        Assert.Equal(2, NumberOf(events[0]));
        Assert.Equal("response.completed", TypeOf(events[^1]));
    }

    [Fact]
    public async Task Replay_TellsTheEnd_WhenTheEventsAreNoLongerKept()
    {
        var id = await _house.BeginStreamAsync();
        await _house.EndedAsync(id);
        var last = NumberOf((await _house.ReplayAsync(id))[^1]);
        await SoonOverAsync();
        _house.Time.Advance(new ReplayOptions().KeptFor);
        foreach (var after in new[] { 0, 3, last + 5 })
        {
            var end = Assert.Single(await _house.ReplayAsync(id, after));
            Assert.Equal("response.completed", TypeOf(end));
            Assert.True(NumberOf(end) > after);
            Assert.Equal(id, end.GetProperty("response").GetProperty("id").GetString());
        }
    }

    [Fact]
    public async Task Replay_IsRefused_WhereNothingWasStreamed()
    {
        var id = await _house.BeginAsync();
        await _house.EndedAsync(id);
        var (status, body) = await _house.GetAsync(id, "?stream=true");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("stream", body.GetProperty("error").GetProperty("param").GetString());
        Assert.Contains("background=true", MessageOf(body), StringComparison.Ordinal);
        var foreground = (await _house.PostAsync("/v1/responses", """{"model":"m","input":"x"}""")).Body.GetProperty("id").GetString()!;
        var (_, refused) = await _house.GetAsync(foreground, "?stream=true");
        Assert.Equal("stream", refused.GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task Socket_ReadsABackgroundStream_AndGoesOnFromIt()
    {
        var gate = _house.HoldAt(ScriptPhase.Finishing);
        var id = await _house.BeginStreamAsync();
        await Soon.In(gate.Reached);
        await using var socket = await _house.Server.ConnectAsync();
        await socket.SendAsync($$"""{"type":"response.resume","response_id":"{{id}}","starting_after":1}""");
        Assert.Equal("response.in_progress", TypeOf(await socket.ReceiveAsync()));
        gate.Open();
        Assert.Equal("response.completed", TypeOf((await socket.ReceiveTurnAsync())[^1]));
        var next = await socket.AskAsync("""{"input":"go on"}""");
        Assert.Equal(id, next[^1].GetProperty("response").GetProperty("previous_response_id").GetString());
    }

    [Theory]
    [InlineData("Cup", false)]
    [InlineData("Pot", true)]
    public async Task Response_OfAnotherTenant_IsUnknown(string who, bool isThere)
    {
        var keys = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(keys, """{"tenants":{"Pot":["pot-key"],"Cup":["cup-key"]}}""", Soon.Token);
            await using var house = await new BackgroundServer().StartAsync(("Auth:KeyFile", keys));
            var http = house.Server.Http.DefaultRequestHeaders;
            http.Authorization = new("Bearer", "pot-key");
            var id = await house.BeginStreamAsync();
            http.Authorization = new("Bearer", who == "Pot" ? "pot-key" : "cup-key");
            var expected = isThere ? HttpStatusCode.OK : HttpStatusCode.NotFound;
            Assert.Equal(expected, (await house.GetAsync(id)).Status);
            using var stream = await house.Server.Http.GetAsync($"/v1/responses/{id}?stream=true", Soon.Token);
            Assert.Equal(expected, stream.StatusCode);
            await using var socket = await house.Server.ConnectAsync(options => options.SetRequestHeader(
                "Authorization", http.Authorization!.ToString()));
            var events = await socket.AskAsync($$"""{"type":"response.resume","response_id":"{{id}}"}""");
            Assert.Equal(isThere ? "response.completed" : "error", TypeOf(events[^1]));
            Assert.Equal(isThere ? HttpStatusCode.BadRequest : HttpStatusCode.NotFound, (await house.CancelAsync(id)).Status);
        }
        finally
        {
            File.Delete(keys);
        }
    }

    [Fact]
    public async Task Cancel_EndsIt_AsOftenAsItIsAsked()
    {
        var gate = _house.HoldAt(ScriptPhase.Finishing);
        var id = await _house.BeginStreamAsync();
        await Soon.In(gate.Reached);
        var replay = _house.ReplayAsync(id, after: 0);
        for (var i = 0; i < 2; i++)
        {
            var (status, cancelled) = await _house.CancelAsync(id);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal("cancelled", StatusOf(cancelled));
            Assert.Empty(cancelled.GetProperty("output").EnumerateArray());
        }
        var end = (await Soon.In(replay))[^1];
        Assert.Equal(("response.failed", "cancelled"), (TypeOf(end), StatusOf(end.GetProperty("response"))));
        Assert.Equal("cancelled", StatusOf((await _house.GetAsync(id)).Body));
        await SoonOverAsync();
        _house.Time.Advance(new ReplayOptions().KeptFor);
        Assert.Equal("cancelled", StatusOf((await _house.GetAsync(id)).Body)); // noted beside the stored responses
        Assert.Equal(HttpStatusCode.OK, (await _house.CancelAsync(id)).Status);
        Assert.Equal("response.failed", TypeOf(Assert.Single(await _house.ReplayAsync(id, after: 2))));
        Assert.Equal(HttpStatusCode.OK, (await _house.DeleteAsync(id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _house.GetAsync(id)).Status);
    }

    [Fact]
    public async Task Cancel_OfWhatHasEnded_SaysHow()
    {
        var completed = await _house.BeginAsync();
        await _house.EndedAsync(completed);
        await AssertRefusedAsync(completed, "Cannot cancel a completed response.");
        _house.Backend.OnPhase = (_, phase, _) => phase == ScriptPhase.Finishing ? throw new InvalidOperationException("broken") : default;
        var failed = await _house.BeginAsync();
        Assert.Equal("failed", StatusOf(await _house.EndedAsync(failed)));
        await AssertRefusedAsync(failed, "Cannot cancel a failed response.");
        _house.Backend.OnPhase = null;
        var foreground = (await _house.PostAsync("/v1/responses", """{"model":"m","input":"x"}""")).Body.GetProperty("id").GetString()!;
        await AssertRefusedAsync(foreground, "Cannot cancel a synchronous response.");
        var unstored = (await _house.PostAsync("/v1/responses", """{"model":"m","input":"x","store":false}""")).Body;
        Assert.Equal(HttpStatusCode.NotFound, (await _house.CancelAsync(unstored.GetProperty("id").GetString()!)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _house.CancelAsync("resp_none")).Status);
        await SoonOverAsync();
        _house.Time.Advance(new ReplayOptions().KeptFor);
        await AssertRefusedAsync(completed, "Cannot cancel a completed response.");
        await AssertRefusedAsync(failed, "Cannot cancel a failed response.");
    }

    [Fact]
    public async Task Delete_OfARunningOne_IsRefused()
    {
        var gate = _house.HoldAt(ScriptPhase.Finishing);
        var id = await _house.BeginAsync();
        await Soon.In(gate.Reached);
        var (status, body) = await _house.DeleteAsync(id);
        Assert.Equal((HttpStatusCode.BadRequest, "Cannot delete an in-flight response."), (status, MessageOf(body)));
        gate.Open();
        await _house.EndedAsync(id);
        Assert.Equal(HttpStatusCode.OK, (await _house.DeleteAsync(id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _house.GetAsync(id)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _house.DeleteAsync(id)).Status);
    }

    [Theory]
    [InlineData("""{"model":"m","input":"x","background":true,"store":false}""", HttpStatusCode.BadRequest, "unsupported_parameter")]
    [InlineData("""{"model":"m","input":"x","background":true,"previous_response_id":"resp_none"}""", HttpStatusCode.BadRequest,
        "previous_response_not_found")]
    [InlineData("""{"model":"m","input":[{"type":"function_call_output","call_id":"c","output":"x"}],"background":true}""",
        HttpStatusCode.BadRequest, "invalid_request_error")]
    public async Task WhatCannotRun_IsRefusedAtOnce(string body, HttpStatusCode status, string code)
    {
        var (answered, error) = await _house.PostAsync("/v1/responses", body);
        Assert.Equal((status, code), (answered, CodeOf(error)));
        Assert.Empty(_house.Rows.Rows);
    }

    [Fact]
    public async Task MemoryStore_RefusesBackground()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        using var body = new StringContent("""{"model":"m","input":"x","background":true}""", Encoding.UTF8, "application/json");
        using var reply = await server.Http.PostAsync("/v1/responses", body);
        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Contains("\"param\":\"background\"", await reply.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task AssertRefusedAsync(string id, string message)
    {
        var (status, body) = await _house.CancelAsync(id);
        Assert.Equal((HttpStatusCode.BadRequest, message), (status, MessageOf(body)));
    }

    /// <summary>Its end is there before the turn is cleared away, and only then its time begins to run.</summary>
    private Task SoonOverAsync() => Soon.In(_house.Time.WhenArmed(new ReplayOptions().KeptFor));
}
