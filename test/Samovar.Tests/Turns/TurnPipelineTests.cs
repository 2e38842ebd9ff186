using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Turns;

namespace Samovar.Tests.Turns;

public sealed class TurnPipelineTests : IDisposable
{
    private readonly CoreHouse _house = new();

    [Fact]
    public async Task Turn_IsReported_FromCreatedToCompleted()
    {
        var seen = await _house.RunAsync(Ask.Text("[[final=Hello]]"), Soon.Token);
        Assert.Equal(
            [
                "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added",
                "response.output_text.delta", "response.output_text.delta", "response.output_text.done", "response.content_part.done",
                "response.output_item.done", "response.completed",
            ],
            seen.Types);
        Assert.Equal(Enumerable.Range(0, 10), seen.Events.Select(e => e.GetProperty("sequence_number").GetInt32()));
        Assert.Equal("completed", seen.Status);
        Assert.Equal("Hello", seen.Text);
        Assert.Equal("in_progress", seen.Events[0].GetProperty("response").GetProperty("status").GetString());
        var ids = seen.Events.Skip(2).SkipLast(1)
            .Select(e => e.TryGetProperty("item", out var item) ? item.GetProperty("id").GetString()
                : e.GetProperty("item_id").GetString());
        Assert.Equal(seen.Output[0].GetProperty("id").GetString(), Assert.Single(ids.Distinct(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task ToolLoop_RunsOverStoredResponses()
    {
        var first = await _house.RunAsync(Ask.Stored("[[steps=2]][[final=all done]]").With(Ask.Shell), Soon.Token);
        var second = await _house.RunAsync(
            (Ask.For(Ask.Output(first.CallId)) with { Store = true }).After(first.Id).With(Ask.Shell), Soon.Token);
        var third = await _house.RunAsync((Ask.For(Ask.Output(second.CallId)) with { Store = true }).After(second.Id), Soon.Token);
        Assert.Equal("all done", third.Text);
        Assert.Equal(second.Id, third.Last.GetProperty("previous_response_id").GetString());
        Assert.True(third.Last.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32() > 0);
    }

    [Theory]
    [InlineData(false, false)] // a response that was not stored
    [InlineData(true, true)] // somebody else's
    public async Task UnknownParent_IsRefused_ByItsName(bool isStored, bool isForeign)
    {
        var first = await _house.RunAsync(Ask.Text("hi") with { Store = isStored }, Soon.Token);
        var turn = _house.Begin(Ask.Text("more").After(first.Id), isForeign ? new TenantId("other") : null);
        var error = await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began));
        Assert.Equal(Errors.PreviousResponseNotFound, error.Kind);
        Assert.Equal("previous_response_id", error.Param);
        Assert.Contains(first.Id, error.Message, StringComparison.Ordinal);
        Assert.Null(await turn.Ended);
    }

    [Fact]
    public async Task WrongToolOutput_IsRefused_BeforeABackendSeesIt()
    {
        var first = await _house.RunAsync(Ask.Stored("[[steps=1]]").With(Ask.Shell), Soon.Token);
        var missing = await RefusedAsync(Ask.Text("go on").After(first.Id));
        Assert.Equal($"No tool output found for function call {first.CallId}.", missing.Message);
        var invented = await RefusedAsync(Ask.For(Ask.Output("call_x")).After(first.Id));
        Assert.Equal("No tool call found for function call output with call_id call_x.", invented.Message);
        Assert.Equal(1, _house.Backend.Turns);
    }

    [Fact]
    public async Task WarmUp_IsCreatedAndCompleted_AndCanBeContinued()
    {
        var warm = await _house.RunAsync(Ask.Stored("[[steps=1]]") with { Generate = false }, Soon.Token);
        Assert.Equal(["response.created", "response.completed"], warm.Types);
        Assert.Empty(warm.Output);
        Assert.True(warm.Last.GetProperty("usage").GetProperty("input_tokens").GetInt32() > 0);
        Assert.Equal(0, warm.Last.GetProperty("usage").GetProperty("output_tokens").GetInt32());
        var next = await _house.RunAsync(Ask.For().After(warm.Id).With(Ask.Shell), Soon.Token);
        Assert.Equal("function_call", next.Output[0].GetProperty("type").GetString());
    }

    [Fact]
    public async Task WarmUp_IsKnownAsOne_ToThoseWhoContinueIt()
    {
        var parentsMadeNoWords = new List<bool?>();
        _house.Backend.OnPhase = (turn, phase, _) =>
        {
            if (phase == ScriptPhase.Begun) parentsMadeNoWords.Add(turn.Context.Parent?.Response.Request.MakesNoWords);
            return default;
        };
        var warm = await _house.RunAsync(Ask.Stored("[[final=x]]") with { Generate = false }, Soon.Token);
        var next = await _house.RunAsync(Ask.Stored("[[final=y]]").After(warm.Id), Soon.Token);
        await _house.RunAsync(Ask.Stored("[[final=z]]").After(next.Id), Soon.Token);
        Assert.Equal([null, true, false], parentsMadeNoWords);
    }

    [Theory]
    [InlineData(100_000, false)]
    [InlineData(1000, true)]
    public async Task TurnThatPreparesMuch_LeavesItsCallersThread(int textChars, bool isColdChain)
    {
        var id = new ResponseId("resp_cold");
        if (isColdChain) await _house.Stored.AddAsync(Cold(id), ChainClaim.New, Soon.Token);
        using var prepared = new ManualResetEventSlim();
        _house.Backend.OnPhase = (_, phase, cancelled) =>
        {
            if (phase == ScriptPhase.Begun) prepared.Wait(cancelled); // at work on the thread that it got
            return default;
        };
        var ask = Ask.Stored(new string('x', textChars)).After(isColdChain ? id.Value : null);
        var turn = await Soon.In(Task.Run(() => _house.Begin(ask, turnCancelled: CancellationToken.None), Soon.Token));
        turn.Cancel();
        Assert.Equal(Errors.TurnCancelled, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began))).Kind);
    }

    [Fact]
    public async Task TurnThatHitsItsTokenLimit_IsIncomplete_WithItsLastItem_AndCanBeContinued()
    {
        var cut = await _house.RunAsync(Ask.Stored("[[final=a long answer]]") with { MaxOutputTokens = 2 }, Soon.Token);
        Assert.Equal("response.incomplete", cut.Types[^1]);
        Assert.Equal("incomplete", cut.Status);
        Assert.Equal("max_output_tokens", cut.Last.GetProperty("incomplete_details").GetProperty("reason").GetString());
        Assert.Equal("incomplete", cut.Output[^1].GetProperty("status").GetString());
        Assert.Equal("a long a", cut.Text);
        Assert.Equal("completed", (await _house.RunAsync(Ask.Text("[[final=x]]").After(cut.Id), Soon.Token)).Status);
    }

    [Fact]
    public async Task ItemReference_BecomesTheItem()
    {
        var first = await _house.RunAsync(Ask.Stored("[[steps=1]][[final=ok]]").With(Ask.Shell), Soon.Token);
        var call = first.Output[0].GetProperty("id").GetString()!;
        var next = await _house.RunAsync(
            Ask.For(Ask.User("[[steps=1]][[final=ok]]"), Ask.Reference(call), Ask.Output(first.CallId)), Soon.Token);
        Assert.Equal("ok", next.Text);
        var error = await RefusedAsync(Ask.For(Ask.User("hi"), Ask.Reference("fc_x")));
        Assert.Equal((Errors.ItemNotFound, "input[1].id"), (error.Kind, error.Param));
    }

    [Fact]
    public async Task BackendsRefusal_BeforeCreated_IsTheRequestsAnswer()
    {
        Fail(ScriptPhase.Begun, new ApiException(Errors.ContextLengthExceeded, [9, 8]));
        Assert.Equal(Errors.ContextLengthExceeded, (await RefusedAsync(Ask.Text("hi"))).Kind);
        Assert.Equal("refused", Assert.Single(_house.Requests.Records).Outcome);
    }

    [Theory]
    [InlineData(ScriptPhase.Accepted)]
    [InlineData(ScriptPhase.ItemStarted)]
    [InlineData(ScriptPhase.Finishing)]
    public async Task Failure_AfterCreated_IsTheLastEvent_AndLeavesNothingToContinue(ScriptPhase phase)
    {
        Fail(phase, new InvalidOperationException("a secret of the inside"));
        var turn = _house.Begin(Ask.Stored("hi"));
        var seen = await SeenEvents.ReadAsync(await turn.Began, Soon.Token);
        Assert.Equal(("response.failed", "failed", "server_error"), (seen.Types[^1], seen.Status, seen.ErrorCode));
        Assert.DoesNotContain("error", seen.Types);
        Assert.DoesNotContain("secret", seen.Events[^1].GetRawText(), StringComparison.Ordinal);
        Assert.Null(await turn.Ended);
        Assert.Null(await _house.Store.FindAsync(TenantId.Local, new ResponseId(seen.Id), Soon.Token));
    }

    [Fact]
    public async Task ErrorWithACode_KeepsIt_AfterCreated()
    {
        Fail(ScriptPhase.ItemStarted, new ApiException(Errors.RateLimited, TimeSpan.FromSeconds(2)));
        var seen = await _house.RunAsync(Ask.Text("hi"), Soon.Token);
        Assert.Equal("rate_limit_exceeded", seen.ErrorCode);
        Assert.Contains("try again in 2 s", seen.Last.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TooManyTurns_AreRefused_WithATimeToComeBack()
    {
        using var house = new CoreHouse(turns: options => (options.RunningMax, options.QueueMax) = (1, 0));
        var gate = new PhaseGate();
        house.Backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Accepted ? gate.PassAsync(cancelled) : default;
        var first = house.Begin(Ask.Text("hi"));
        await Soon.In(gate.Reached);
        var error = await Assert.ThrowsAsync<ApiException>(() => Soon.In(house.Begin(Ask.Text("hi")).Began));
        Assert.Equal((503, TimeSpan.FromSeconds(2)), (error.Kind.Status, error.RetryAfter));
        gate.Open();
        await Soon.In(first.Ended);
        Assert.Equal("completed", (await house.RunAsync(Ask.Text("hi"), Soon.Token)).Status);
    }

    [Fact]
    public async Task LogThatIsFull_EndsTheTurn()
    {
        using var house = new CoreHouse(turns: options => options.LogBytesMax = 6000);
        var seen = await house.RunAsync(Ask.Text($"[[final={new string('x', 2000)}]]"), Soon.Token);
        Assert.Equal(("response.failed", "response_too_large"), (seen.Types[^1], seen.ErrorCode));
        Assert.InRange(seen.Events.SkipLast(1).Sum(e => e.GetRawText().Length), 1000, 6000);
    }

    [Fact]
    public async Task ChainThatIsTooLarge_IsRefused()
    {
        using var house = new CoreHouse(turns: options => options.ChainBytesMax = 200_000);
        var first = await house.RunAsync(Ask.Stored(new string('x', 40_000)), Soon.Token);
        var turn = house.Begin(Ask.Stored(new string('x', 40_000)).After(first.Id));
        Assert.Equal(Errors.ChainTooLarge, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began))).Kind);
    }

    [Fact]
    public async Task ItemsThatAreOnlyNamed_CountWithTheChain()
    {
        using var house = new CoreHouse(turns: options => options.ChainBytesMax = 200_000);
        var first = await house.RunAsync(Ask.Stored($"[[final={new string('x', 30_000)}]]"), Soon.Token);
        var item = Ask.Reference(first.Output[0].GetProperty("id").GetString()!);
        Assert.Equal("completed", (await house.RunAsync(Ask.For(item, Ask.User("hi")), Soon.Token)).Status);
        var turn = house.Begin(Ask.For(item, item, item, Ask.User("hi")));
        Assert.Equal(Errors.ChainTooLarge, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began))).Kind);
    }

    [Fact]
    public async Task EveryRequest_LeavesOneRecord()
    {
        var seen = await _house.RunAsync(Ask.Stored("hi"), Soon.Token);
        await RefusedAsync(Ask.Text("x").After("resp_x") with { Model = "a word of the client's" });
        Assert.Equal(["completed", "refused"], _house.Requests.Records.Select(record => record.Outcome));
        var record = _house.Requests.Records[0];
        Assert.Equal((new ResponseId(seen.Id), "scripted"), (record.Response!.Value, record.Model));
        Assert.True(record is { Usage.OutputTokens: > 0, BytesToClient: > 0, BytesFromClient: > 0, FirstToken: not null });
        Assert.Equal("previous_response_not_found", _house.Requests.Records[1].ErrorCode);
        Assert.Null(_house.Requests.Records[1].Model); // what clients write is no tag of a metric
    }

    public void Dispose() => _house.Dispose();

    private void Fail(ScriptPhase at, Exception exception) =>
        _house.Backend.OnPhase = (_, phase, _) => phase == at ? throw exception : default;

    /// <summary>The refusal, once the turn has left its record too.</summary>
    private async Task<ApiException> RefusedAsync(CreateRequest request)
    {
        var turn = _house.Begin(request);
        var error = await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began));
        await Soon.In(turn.Ended);
        return error;
    }

    /// <summary>A long chain of which no backend holds anything.</summary>
    private static ChainNode Cold(ResponseId id) => new()
    {
        Tenant = TenantId.Local, Id = id, Parent = null, Input = [], Bytes = 1_000_000,
        Response = new Response
        {
            Id = id, CreatedAt = default, Model = "scripted", Status = ResponseStatus.Completed, Request = new CreateRequest(),
        },
    };
}
