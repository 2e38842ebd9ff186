using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Sessions;

/// <summary>What a user says while a response is being made that then waits for its client: it waits, too.</summary>
public sealed class PendingSteerTests : IAsyncLifetime
{
    private const string Calls = "[[steps=1]][[final=AFTER THE CALL]]";
    private const string Steered = "[[final=STEERED]]";
    private readonly SteeredTalk _talk = new();

    [Fact]
    public async Task Words_WaitForTheOutputsOfTheCalls_AndStandBeforeThem()
    {
        var (seen, outcome) = await CallAsync("one", Steered);
        Assert.Equal("completed", seen.Status);
        Assert.Equal(["one", Steered], outcome.Steers.Select(steer => TextOf(steer.Input[0])));
        Assert.Equal(seen.CallId, ((IToolCall)Assert.Single(outcome.Calls)).CallId);
        Assert.Equal(seen.Events.Count, outcome.Number);
        var request = Ask.For(Ask.Output(seen.CallId)).After(seen.Id).SayingStore(true) with { Instructions = "Its own." };
        var next = await CoreHouse.SendAsync(_talk.Session, request, Soon.Token);
        Assert.Equal(("STEERED", "Its own."), (next.Text, next.Last.GetProperty("instructions").GetString()));
        var node = await _talk.House.Store.FindAsync(TenantId.Local, new ResponseId(next.Id), Soon.Token);
        Assert.Equal(["message", "message", "function_call_output"], node!.Input.Select(item => item.Type));
        await _talk.Session.DisposeAsync();
        Assert.Equal(0, _talk.House.Memory.Frames.Share.Bytes);
    }

    [Fact]
    public async Task BareFrame_TakesThem_Too()
    {
        var (seen, _) = await CallAsync(Steered);
        var next = await CoreHouse.SendBareAsync(_talk.Session, Ask.For(Ask.Output(seen.CallId)), Soon.Token);
        Assert.Equal("STEERED", next.Text);
    }

    [Fact]
    public async Task WarmUp_DoesNotTakeThem_NorDoesAnotherConversation()
    {
        var (seen, _) = await CallAsync(Steered);
        var other = await CoreHouse.SendAsync(_talk.Session, Ask.Text("[[final=OTHER]]"), Soon.Token);
        Assert.Equal("OTHER", other.Text);
        var warm = Ask.For(Ask.Output(seen.CallId)).After(seen.Id) with { Generate = false };
        await CoreHouse.SendAsync(_talk.Session, warm, Soon.Token);
        var next = await CoreHouse.SendAsync(_talk.Session, Ask.For(Ask.Output(seen.CallId)).After(seen.Id), Soon.Token);
        Assert.Equal("STEERED", next.Text);
        var again = await CoreHouse.SendAsync(_talk.Session, Ask.For(Ask.Output(seen.CallId)).After(seen.Id), Soon.Token);
        Assert.Equal("AFTER THE CALL", again.Text); // they are said once
    }

    [Fact]
    public async Task RefusedCreate_LeavesThemWaiting()
    {
        var (seen, _) = await CallAsync(Steered);
        var refused = _talk.Send(Ask.Text("no output").After(seen.Id));
        Assert.Equal(Errors.ToolOutputMissing, (await Assert.ThrowsAsync<ApiException>(() => Soon.In(refused.Began))).Kind);
        var next = await CoreHouse.SendAsync(_talk.Session, Ask.For(Ask.Output(seen.CallId)).After(seen.Id), Soon.Token);
        Assert.Equal("STEERED", next.Text);
    }

    [Fact]
    public async Task AnotherLane_DoesNotTakeThem()
    {
        var (seen, _) = await CallAsync(Steered);
        var fork = Ask.For(Ask.Output(seen.CallId)).After(seen.Id).On("side");
        Assert.Equal("AFTER THE CALL", (await CoreHouse.SendAsync(_talk.Session, fork, Soon.Token)).Text);
        var next = await CoreHouse.SendAsync(_talk.Session, Ask.For(Ask.Output(seen.CallId)).After(seen.Id), Soon.Token);
        Assert.Equal("STEERED", next.Text);
    }

    [Fact]
    public async Task CreateThatDidNotWaitForTheNotice_TakesThem()
    {
        var (reply, id, gate) = await _talk.SendAndHoldAsync(
            Ask.Text(Calls).With(Ask.Shell).SayingStore(true), ScriptPhase.Finishing);
        Assert.Null(_talk.Steer(id, Steered));
        var early = _talk.Send(Ask.For(Ask.Output("call_unknown")).After(id.Value)); // queued behind the response that it continues
        gate.Open();
        Assert.IsType<SteerOutcome.Waiting>((await SteeredTalk.ReadAsync(reply)).Last);
        await Assert.ThrowsAsync<ApiException>(() => Soon.In(early.Began));
    }

    [Fact]
    public async Task Connection_HoldsOnlySoMany()
    {
        await using var talk = new SteeredTalk(sessions: options => options.SteersTotalMax = 3);
        var (reply, id, gate) = await talk.SendAndHoldAsync(Ask.Text(Calls).With(Ask.Shell), ScriptPhase.Finishing);
        Assert.Null(talk.Steer(id, "1"));
        Assert.Null(talk.Steer(id, "2"));
        gate.Open();
        await SteeredTalk.ReadAsync(reply);
        var (second, other, _) = await talk.SendAndHoldAsync(Ask.Text("more").On("side"), ScriptPhase.Finishing);
        Assert.Null(talk.Steer(other, "3"));
        Assert.Equal("too_many_pending_steers", talk.Steer(other, "4"));
        Assert.False(second.Outcome.IsCompleted);
        await talk.Session.DisposeAsync();
        Assert.Equal(0, talk.House.Memory.Frames.Share.Bytes);
    }

    [Fact]
    public async Task Connection_HoldsOnlySoManyBytes()
    {
        await using var talk = new SteeredTalk(sessions: options => options.QueuedBytesMax = 65_536);
        var (_, id, _) = await talk.SendAndHoldAsync(Ask.Text("x"), ScriptPhase.Finishing);
        Assert.Null(talk.Steer(id, new string('a', 40_000)));
        Assert.Equal("too_many_pending_steers", talk.Steer(id, new string('a', 40_000)));
    }

    [Fact]
    public async Task Outputs_GivenWhileTheResponseRuns_FollowIt_AtTheNextItem()
    {
        var (reply, id, gate) = await _talk.SendAndHoldAsync(
            Ask.Text(Calls).With(Ask.Shell).SayingStore(true), ScriptPhase.Finishing);
        var call = (await LogAsync(reply)).Single(e => e.GetProperty("type").GetString() == "response.output_item.done")
            .GetProperty("item").GetProperty("call_id").GetString()!;
        Assert.Throws<ApiException>(() => _talk.Inject(id, Ask.Output("call_unknown")));
        Assert.Throws<ApiException>(() => _talk.Inject(id, Ask.Output(call), Ask.Output(call)));
        Assert.Null(_talk.Inject(id, Ask.Output(call)));
        Assert.Throws<ApiException>(() => _talk.Inject(id, Ask.Output(call)));
        gate.Open();
        var outcome = Assert.IsType<SteerOutcome.Followed>(await Soon.In(await EndAsync(reply)));
        var (turns, _) = await SteeredTalk.ReadAsync(reply.FollowedBy(outcome));
        Assert.Equal("AFTER THE CALL", turns[0].Text);
        Assert.Equal("response_already_completed", _talk.Inject(id, Ask.Output(call)));
        Assert.Equal("response_not_found", _talk.Inject(new ResponseId("resp_none"), Ask.Output(call)));
    }

    public ValueTask InitializeAsync() => default;
    public ValueTask DisposeAsync() => _talk.DisposeAsync();

    /// <summary>A response that ends with a call, to which these words are said.</summary>
    private async Task<(SeenEvents Seen, SteerOutcome.Waiting Outcome)> CallAsync(params string[] words)
    {
        var (reply, id, gate) = await _talk.SendAndHoldAsync(
            Ask.Text(Calls).With(Ask.Shell).SayingStore(true), ScriptPhase.Speaking);
        foreach (var word in words) Assert.Null(_talk.Steer(id, word));
        gate.Open();
        var (turns, last) = await SteeredTalk.ReadAsync(reply);
        return (Assert.Single(turns), Assert.IsType<SteerOutcome.Waiting>(last));
    }

    /// <summary>What a turn that stands still has said so far.</summary>
    private static async Task<IReadOnlyList<JsonElement>> LogAsync(LaneReply reply)
    {
        var log = await Soon.In(reply.Began);
        var events = new List<JsonElement>();
        var reader = log.Open(); // stays: what it has passed is not needed again
        while (reader.TryRead(out var e, out _)) events.Add(JsonDocument.Parse(e.Json).RootElement);
        return events;
    }

    private static async Task<Task<SteerOutcome>> EndAsync(LaneReply reply)
    {
        await Soon.In((await Soon.In(reply.Began)).Ended);
        return reply.Outcome;
    }

    private static string TextOf(Item item) =>
        string.Concat(((MessageItem)item).Content.OfType<ContentPart.Text>().Select(part => part.Value));
}
