using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Turns;

namespace Samovar.Tests.Sessions;

/// <summary>What a user says while a response is being made: where the response ends, and what follows it.</summary>
public sealed class SteeringTests : IAsyncLifetime
{
    private const string Steered = "[[final=STEERED]]";
    private readonly SteeredTalk _talk = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Words_BeforeTheFirstToken_EndTheResponseAtOnce_AndTheNextFollowsByItself(bool isStored)
    {
        var (reply, id, _) = await _talk.SendAndHoldAsync(Ask.Text("[[final=LATE]]").SayingStore(isStored), ScriptPhase.Accepted);
        Assert.Null(_talk.Steer(id, Steered));
        var (turns, last) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal(2, turns.Count);
        Assert.Equal(("incomplete", "steered", 0), (turns[0].Status, SteeredTalk.Reason(turns[0]), turns[0].Output.Count));
        Assert.Equal(("completed", "STEERED", id.Value), (turns[1].Status, turns[1].Text, SteeredTalk.Previous(turns[1])));
        Assert.Equal(["response.created", "response.in_progress", "response.steer.accepted", "response.incomplete"], turns[0].Types);
        Assert.Equal(["0", "1", "2", "3"], SteeredTalk.Numbers(turns[0]));
        Assert.Matches("^steer_[0-9a-f]+$", turns[0].Events[2].GetProperty("steer").GetProperty("id").GetString());
        Assert.Equal(id.Value, turns[0].Events[2].GetProperty("steer").GetProperty("previous_response_id").GetString());
        Assert.Equal(isStored, turns[1].Last.GetProperty("store").GetBoolean());
        Assert.Null(last);
    }

    [Fact]
    public async Task BareFrame_ThatTakesOverCompaction_CannotBeSteeredEither()
    {
        var first = Ask.Text("[[final=ONE]]") with { Compaction = new CompactionRule(100_000) };
        await SteeredTalk.ReadAsync(_talk.Send(first));
        var gate = _talk.Hold("[[final=TWO]]", ScriptPhase.Speaking);
        var reply = _talk.Session.Submit(new ClientFrame.Bare(Ask.Text("[[final=TWO]]") with { Model = null, Fields = [] }))!;
        await Soon.In(gate.Reached);
        Assert.Equal("steering_not_supported", _talk.Steer((await Soon.In(reply.Began)).Response, Steered));
        gate.Open();
        var (turns, _) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal(("completed", "TWO"), (Assert.Single(turns).Status, turns[0].Text));
    }

    [Fact]
    public async Task Words_InAnItem_LetItComeToItsEnd_AndNoFurther()
    {
        var (reply, id, gate) = await _talk.SendAndHoldAsync(Ask.Text("[[think=text]][[final=LATE]]"), ScriptPhase.Speaking);
        Assert.Null(_talk.Steer(id, Steered));
        gate.Open();
        var (turns, _) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal("steered", SteeredTalk.Reason(turns[0]));
        var item = Assert.Single(turns[0].Output);
        Assert.Equal(("reasoning", "completed"), (item.GetProperty("type").GetString(), item.GetProperty("status").GetString()));
        Assert.Equal("STEERED", turns[1].Text);
    }

    [Fact]
    public async Task Words_BetweenItems_EndTheResponseThere()
    {
        var request = Ask.Text("[[say=first]][[steps=1]]").With(Ask.Shell);
        var gate = _talk.Hold("[[say=first]][[steps=1]]", ScriptPhase.ItemStarted);
        var reply = _talk.Send(request);
        await Soon.In(gate.Reached); // before the first item; the gate stays open behind it
        var id = (await Soon.In(reply.Began)).Response;
        Assert.Null(_talk.Steer(id, Steered));
        var (turns, _) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal(("steered", 0), (SteeredTalk.Reason(turns[0]), turns[0].Output.Count));
        Assert.Equal("STEERED", turns[1].Text);
    }

    [Fact]
    public async Task LongItem_IsCutOff_WhenItsTimeIsOver()
    {
        var (reply, id, _) = await _talk.SendAndHoldAsync(Ask.Text("[[final=A long answer]]"), ScriptPhase.Speaking);
        Assert.Null(_talk.Steer(id, Steered));
        Assert.False((await Soon.In(reply.Began)).IsEnded);
        _talk.House.Time.Advance(new TurnOptions().SteeredItemMax);
        var (turns, _) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal(("steered", "A lo"), (SteeredTalk.Reason(turns[0]), turns[0].Text));
        Assert.Equal("incomplete", Assert.Single(turns[0].Output).GetProperty("status").GetString());
        Assert.Equal("STEERED", turns[1].Text);
    }

    [Fact]
    public async Task Words_AtTheEnd_LetTheResponseComplete_AndAreSaidAfterIt()
    {
        var (reply, id, gate) = await _talk.SendAndHoldAsync(Ask.Text("[[final=DONE]]"), ScriptPhase.Finishing);
        Assert.Null(_talk.Steer(id, Steered));
        gate.Open();
        var (turns, _) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal(["completed", "completed"], turns.Select(turn => turn.Status));
        Assert.Equal((id.Value, "STEERED"), (SteeredTalk.Previous(turns[1]), turns[1].Text));
    }

    [Fact]
    public async Task WordsTwice_AreSaidInTheirOrder_ByOneResponse_WithTheSettingsOfTheOneBefore()
    {
        var request = Ask.Text("[[final=LATE]]").SayingStore(true) with { Instructions = "Be brief.", MaxOutputTokens = 50 };
        var (reply, id, gate) = await _talk.SendAndHoldAsync(request, ScriptPhase.Finishing);
        Assert.Null(_talk.Steer(id, "one"));
        Assert.Null(_talk.Steer(id, "two [[final=BOTH]]"));
        gate.Open();
        var (turns, _) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal(2, turns.Count);
        Assert.Equal("BOTH", turns[1].Text);
        Assert.Equal(2, turns[0].Types.Count(type => type == "response.steer.accepted"));
        Assert.Equal(("Be brief.", 50), (turns[1].Last.GetProperty("instructions").GetString(),
            turns[1].Last.GetProperty("max_output_tokens").GetInt32()));
        var node = await _talk.House.Store.FindAsync(TenantId.Local, new ResponseId(turns[1].Id), Soon.Token);
        Assert.Equal(["one", "two [[final=BOTH]]"], node!.Input.Select(TextOf));
    }

    [Fact]
    public async Task Successor_CanBeSteered_Again()
    {
        var (reply, id, _) = await _talk.SendAndHoldAsync(Ask.Text("[[final=LATE]]"), ScriptPhase.Accepted);
        var second = _talk.Hold("again [[final=B]]", ScriptPhase.Accepted);
        Assert.Null(_talk.Steer(id, "again [[final=B]]"));
        var followed = Assert.IsType<SteerOutcome.Followed>(await Soon.In(await OutcomeAsync(reply)));
        await Soon.In(second.Reached);
        Assert.Null(_talk.Steer((await Soon.In(followed.Began)).Response, Steered));
        var (turns, _) = await SteeredTalk.ReadAsync(reply.FollowedBy(followed));
        Assert.Equal(["steered", null], turns.Select(SteeredTalk.Reason));
        Assert.Equal((id.Value, turns[0].Id), (SteeredTalk.Previous(turns[0]), SteeredTalk.Previous(turns[1])));
        Assert.Equal("STEERED", turns[1].Text);
    }

    [Fact]
    public async Task ThirtyThirdWord_IsRefused_TheOthersAreSaid()
    {
        var (reply, id, gate) = await _talk.SendAndHoldAsync(Ask.Text("[[final=LATE]]").SayingStore(true), ScriptPhase.Finishing);
        for (var i = 0; i < 32; i++) Assert.Null(_talk.Steer(id, $"{i}"));
        Assert.Equal("too_many_pending_steers", _talk.Steer(id, "one more"));
        gate.Open();
        var (turns, _) = await SteeredTalk.ReadAsync(reply);
        var node = await _talk.House.Store.FindAsync(TenantId.Local, new ResponseId(turns[1].Id), Soon.Token);
        Assert.Equal(Enumerable.Range(0, 32).Select(i => $"{i}"), node!.Input.Select(TextOf));
        await _talk.Session.DisposeAsync();
        Assert.Equal(0, _talk.House.Memory.Frames.Share.Bytes);
    }

    [Fact]
    public async Task Words_ToAResponseThatIsOver_OrIsNotKnown_AreRefused()
    {
        Assert.Equal("response_not_found", _talk.Steer(new ResponseId("resp_none"), "x"));
        var done = await CoreHouse.SendAsync(_talk.Session, Ask.Text("[[final=DONE]]"), Soon.Token);
        Assert.Equal("response_already_completed", _talk.Steer(new ResponseId(done.Id), "x"));
        Assert.Equal("response_not_found", _talk.Steer(new ResponseId("resp_none"), "x"));
        var (reply, id, _) = await _talk.SendAndHoldAsync(Ask.Text("to be cancelled"), ScriptPhase.Accepted);
        _talk.Session.Submit(new ClientFrame.Cancel(LaneId.Default, null));
        await SteeredTalk.ReadAsync(reply);
        await CoreHouse.SendAsync(_talk.Session, Ask.Text("the lane goes on"), Soon.Token);
        Assert.Equal("response_not_active", _talk.Steer(id, "x"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Words_AreRefused_WhereOthersChangeTheHistory(bool isCompacted)
    {
        var request = Ask.Text("[[final=DONE]]");
        request = isCompacted ? request with { Compaction = new CompactionRule(5000) }
            : request with { Fields = [new("conversation", RawJson.Of("""{"id":"conv_1"}"""))] };
        var (reply, id, gate) = await _talk.SendAndHoldAsync(request, ScriptPhase.Accepted);
        Assert.Equal("steering_not_supported", _talk.Steer(id, "x"));
        gate.Open();
        Assert.Equal("completed", Assert.Single((await SteeredTalk.ReadAsync(reply)).Turns).Status);
    }

    [Fact]
    public async Task Cancel_EndsTheResponse_AndNothingFollows()
    {
        var (reply, id, _) = await _talk.SendAndHoldAsync(Ask.Text("[[final=LATE]]"), ScriptPhase.Speaking);
        Assert.Null(_talk.Steer(id, Steered));
        _talk.Session.Submit(new ClientFrame.Cancel(LaneId.Default, null));
        var (turns, last) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal("cancelled", Assert.Single(turns).Status);
        var failed = Assert.IsType<SteerOutcome.Failed>(last);
        Assert.Equal(("successor_creation_failed", 1), (failed.Error.Kind.Code, failed.Steers.Count));
        Assert.Equal(turns[0].Events.Count, failed.Number);
        await _talk.Session.DisposeAsync();
        Assert.Equal(0, _talk.House.Memory.Frames.Share.Bytes);
    }

    [Fact]
    public async Task FailedResponse_IsFollowedByNothing()
    {
        var (reply, id, _) = await _talk.SendAndHoldAsync(Ask.Text("[[final=LATE]]"), ScriptPhase.Finishing);
        _talk.House.Backend.OnPhase = null;
        Assert.Null(_talk.Steer(id, Steered));
        _talk.House.Time.Advance(new TurnOptions().DurationMax);
        var (turns, last) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal("failed", Assert.Single(turns).Status);
        Assert.Equal(Errors.SuccessorFailed, Assert.IsType<SteerOutcome.Failed>(last).Error.Kind);
    }

    [Fact]
    public async Task Words_InANamedLane_DisturbNoOther()
    {
        var (other, _, gate) = await _talk.SendAndHoldAsync(Ask.Text("[[final=OTHER]]").On("other"), ScriptPhase.Accepted);
        var (reply, id, _) = await _talk.SendAndHoldAsync(Ask.Text("[[final=LATE]]").On("side"), ScriptPhase.Accepted);
        Assert.Null(_talk.Steer(id, Steered));
        var (turns, _) = await SteeredTalk.ReadAsync(reply);
        Assert.Equal("STEERED", turns[1].Text);
        gate.Open();
        Assert.Equal("OTHER", Assert.Single((await SteeredTalk.ReadAsync(other)).Turns).Text);
    }

    [Fact]
    public async Task NextFrameOfTheLane_WaitsForTheSuccessor()
    {
        var (reply, id, _) = await _talk.SendAndHoldAsync(Ask.Text("[[final=LATE]]"), ScriptPhase.Accepted);
        var second = _talk.Hold(Steered, ScriptPhase.Accepted);
        var next = _talk.Send(Ask.Text("[[final=NEXT]]"));
        Assert.Null(_talk.Steer(id, Steered));
        await Soon.In(second.Reached);
        Assert.False(next.Began.IsCompleted);
        second.Open();
        await SteeredTalk.ReadAsync(reply);
        Assert.Equal("NEXT", Assert.Single((await SteeredTalk.ReadAsync(next)).Turns).Text);
    }

    [Fact]
    public async Task ClosedConnection_TakesWhatWaitedWithIt()
    {
        var (reply, id, _) = await _talk.SendAndHoldAsync(Ask.Text("[[final=LATE]]"), ScriptPhase.Speaking);
        Assert.Null(_talk.Steer(id, Steered));
        await _talk.Session.DisposeAsync();
        Assert.IsType<SteerOutcome.Failed>(await Soon.In(reply.Outcome));
        Assert.Equal((1, 0L), (_talk.House.Backend.Turns, _talk.House.Memory.Frames.Share.Bytes));
    }

    [Fact]
    public async Task ConnectionThatIsTooOld_StartsNothingByItself()
    {
        var (reply, id, gate) = await _talk.SendAndHoldAsync(Ask.Text("[[final=DONE]]"), ScriptPhase.Finishing);
        Assert.Null(_talk.Steer(id, Steered));
        _talk.House.SessionOptions.ConnectionAgeMax = TimeSpan.Zero;
        gate.Open();
        var seen = await SeenEvents.ReadAsync(await Soon.In(reply.Began), Soon.Token);
        Assert.Equal("completed", seen.Status);
        var followed = Assert.IsType<SteerOutcome.Followed>(await Soon.In(reply.Outcome));
        Assert.Single(followed.Steers);
        await Assert.ThrowsAsync<ApiException>(() => Soon.In(followed.Began));
    }

    [Fact]
    public async Task RefusedSuccessor_LeavesTheResponseToBeContinued()
    {
        var (reply, id, gate) = await _talk.SendAndHoldAsync(Ask.Text("[[final=DONE]]"), ScriptPhase.Finishing);
        Assert.Null(_talk.Steer(id, Steered));
        var refuses = true;
        _talk.House.Backend.OnPhase = (_, phase, _) => phase == ScriptPhase.Begun && refuses
            ? throw new ApiException(Errors.ContextLengthExceeded, [9, 8]) : default;
        gate.Open();
        var followed = Assert.IsType<SteerOutcome.Followed>(await Soon.In(await OutcomeAsync(reply)));
        var refusal = await Assert.ThrowsAsync<ApiException>(() => Soon.In(followed.Began));
        Assert.Equal(Errors.ContextLengthExceeded, refusal.Kind);
        refuses = false;
        var seen = await CoreHouse.SendAsync(_talk.Session, Ask.Text(Steered).After(id.Value), Soon.Token);
        Assert.Equal("STEERED", seen.Text);
    }

    public ValueTask InitializeAsync() => default;
    public ValueTask DisposeAsync() => _talk.DisposeAsync();

    /// <summary>What becomes of what was said; there is something once the response is over.</summary>
    private static async Task<Task<SteerOutcome>> OutcomeAsync(LaneReply reply)
    {
        await SeenEvents.ReadAsync(await Soon.In(reply.Began), Soon.Token);
        return reply.Outcome;
    }

    private static string TextOf(Item item) =>
        string.Concat(((MessageItem)item).Content.OfType<ContentPart.Text>().Select(part => part.Value));
}
