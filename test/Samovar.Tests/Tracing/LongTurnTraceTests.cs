using Samovar.Cli.Traces;
using Samovar.Protocol.Ids;
using Samovar.Server.Monitoring.Traces;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Tests.Running;
using Samovar.Tests.Sessions;
using Samovar.Tracing;
using Samovar.Turns;
using Talks = Samovar.Tests.Compaction.Conversations;

namespace Samovar.Tests.Tracing;

/// <summary>Traces of turns that are more than one request and its answer: steered ones, and those in the background.</summary>
public sealed class LongTurnTraceTests
{
    private static readonly TenantId Bob = new("bob");

    [Fact]
    public async Task SteeredTurn_AndTheOneThatFollowsIt_HaveATraceEach_ThatNameEachOther()
    {
        await using var talk = new SteeredTalk();
        var (reply, id, _) = await talk.SendAndHoldAsync(Ask.Text("[[final=LATE]]"), ScriptPhase.Accepted);
        talk.House.Time.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(TraceStage.Match, talk.House.Pipeline.Live.FindTrace(TenantId.Local, id)!.Spans()[^1].Stage); // it has come so far
        Assert.Null(talk.Steer(id, "[[final=STEERED]]"));
        var (turns, _) = await SteeredTalk.ReadAsync(reply);
        await talk.Session.DisposeAsync(); // nothing of its turns runs any more
        var steered = talk.House.Traces.Find(TenantId.Local, id)!;
        var next = Assert.Single(talk.House.Traces.After(TenantId.Local, id));
        Assert.Equal((turns[1].Id, id), (next.Response.Value, next.Parent!.Value));
        Assert.Null(steered.Parent);
        Assert.Equal(("incomplete", "completed"), (steered.Outcome!.Outcome, next.Outcome!.Outcome));
        foreach (var trace in new[] { steered, next }) AssertInOrder(trace, TraceStage.Queue, TraceStage.Match, TraceStage.Store);
        Assert.Equal("memory", next.Spans().Single(span => span.Stage == TraceStage.Match).Detail);
        Assert.Equal(300, Milliseconds(steered.EndedAt!.Value - steered.ArrivedAt));
        Assert.Equal(0, Milliseconds(next.EndedAt!.Value - next.ArrivedAt)); // the time before it is not its own
        Assert.Empty(talk.House.Traces.After(Bob, id));
    }

    [Fact]
    public async Task BackgroundTurn_IsReadWhileItWaits_AndRuns_AndAfterwards()
    {
        await using var server = await new BackgroundServer().StartAsync(("Background:RunningMax", "1"));
        var gate = server.HoldAt(ScriptPhase.Speaking);
        var first = await server.BeginAsync("[[final=one]]");
        await Soon.In(gate.Reached);
        var runs = await TraceAsync(server.Server, first);
        Assert.Equal(("running", true, null), (runs.Status, runs.Background, runs.Outcome));
        AssertInOrder(runs, "receive", "read", "queue", "match");
        var second = (await server.PostAsync("/v1/responses",
            $$"""{"model":"m","input":"[[final=two]]","background":true}""")).Body.GetProperty("id").GetString()!;
        server.Time.Advance(TimeSpan.FromMilliseconds(700));
        var waits = await TraceAsync(server.Server, second);
        Assert.Equal(("running", "queue", true), (waits.Status, waits.Stage, waits.Background));
        AssertInOrder(waits, "receive", "read");
        Assert.Equal(700_000, waits.TotalUs);
        gate.Open();
        await server.EndedAsync(second);
        var ended = await EndedTraceAsync(server.Server, second);
        Assert.Equal(("ended", "completed", true), (ended.Status, ended.Outcome, ended.Background));
        AssertInOrder(ended, "receive", "read", "queue", "match", "store");
        Assert.Equal(700_000, ended.Spans.Single(span => span.Stage == "queue").BusyUs); // its wait in line is in it
        Assert.DoesNotContain(ended.Spans, span => span.Stage == "write");
    }

    [Fact]
    public async Task BackgroundTurnsTrace_NamesItsParent_AndTheParentsNamesIt_WhileItRuns()
    {
        await using var server = await new BackgroundServer().StartAsync();
        var parent = await server.BeginAsync();
        await server.EndedAsync(parent);
        Assert.Null((await EndedTraceAsync(server.Server, parent)).ContinuedBy);
        var gate = server.HoldAt(ScriptPhase.Speaking);
        var (_, body) = await server.PostAsync("/v1/responses",
            $$"""{"model":"m","input":"[[final=two]]","background":true,"previous_response_id":"{{parent}}"}""");
        var id = body.GetProperty("id").GetString()!;
        await Soon.In(gate.Reached);
        Assert.Equal(parent, (await TraceAsync(server.Server, id)).ParentResponseId);
        Assert.Equal([id], (await TraceAsync(server.Server, parent)).ContinuedBy);
        gate.Open();
        await server.EndedAsync(id);
        Assert.Equal(parent, (await EndedTraceAsync(server.Server, id)).ParentResponseId);
        Assert.Equal([id], (await TraceAsync(server.Server, parent)).ContinuedBy);
    }

    [Fact]
    public async Task BackgroundTurn_ThatIsCancelledInLine_HasATraceThatSaysSo()
    {
        await using var server = await new BackgroundServer().StartAsync(("Background:RunningMax", "1"));
        var gate = server.HoldAt(ScriptPhase.Speaking);
        await server.BeginAsync("[[final=one]]");
        await Soon.In(gate.Reached);
        var waiting = await server.BeginAsync("[[final=two]]");
        await server.CancelAsync(waiting);
        await server.EndedAsync(waiting);
        var trace = await EndedTraceAsync(server.Server, waiting);
        Assert.Equal(("ended", "cancelled", null), (trace.Status, trace.Outcome, trace.Stage));
        AssertInOrder(trace, "receive", "read", "queue");
        gate.Open();
    }

    [Fact]
    public async Task AnnouncedTurn_IsItsTenantsAndAnOperators_UntilItIsOver()
    {
        using var house = new CoreHouse();
        var response = new ResponseId("resp_announced");
        var request = new TurnRequest
        {
            Tenant = TenantId.Local, Id = response, Request = Ask.Stored("[[final=one]]"),
            Parents = new StoredParents(TenantId.Local, house.Store),
        };
        var announced = house.Pipeline.Announce(request);
        var live = house.Pipeline.Live;
        house.Backend.OnPhase = (turn, _, _) =>
        {
            Assert.Same(announced.Trace, turn.Times); // it is one trace from its request to its end
            return default;
        };
        Assert.Equal((announced.Trace, announced.Trace, null),
            (live.FindTrace(TenantId.Local, response), live.FindTrace(null, response), live.FindTrace(Bob, response)));
        await Soon.In(house.Pipeline.Begin(request with { Announced = announced.Trace }, CancellationToken.None).Ended);
        announced.Dispose();
        Assert.Null(live.FindTrace(null, response));
        Assert.Same(announced.Trace, house.Traces.Find(TenantId.Local, response));
        Assert.Null(house.Traces.Find(Bob, response));
    }

    [Theory]
    [InlineData(true, "model")]
    [InlineData(false, "extract:off")]
    public async Task Compaction_IsAStageOfItsTurn_BeforeTheAnswer(bool isSummarised, string method)
    {
        var backend = new Compaction.NotingBackend { Tokens = 9_000 };
        using var house = new CoreHouse(backends: _ => [backend]);
        house.Compaction.Summarizes = isSummarised;
        backend.OnSummary = _ =>
        {
            house.Time.Advance(TimeSpan.FromMilliseconds(250));
            return Task.CompletedTask;
        };
        const string Rules = "\"store\":false,\"context_management\":[{\"type\":\"compaction\",\"compact_threshold\":5000}]";
        var seen = await house.RunAsync(Talks.Request(Talks.Basket(), Rules), Soon.Token);
        var trace = house.Traces.Find(TenantId.Local, new ResponseId(seen.Id))!;
        AssertInOrder(trace, TraceStage.Queue, TraceStage.Match, TraceStage.Compact, TraceStage.Store);
        var compacted = trace.Spans().Single(span => span.Stage == TraceStage.Compact);
        Assert.Equal((isSummarised ? 250 : 0, method), (Milliseconds(compacted.Busy), compacted.Detail!));
        Assert.InRange(compacted.Amount, 5_000, 50_000);
    }

    [Fact]
    public async Task CompactionThatWasAskedFor_HasATraceOfItsOwn_WithoutAnAnswer()
    {
        using var house = new CoreHouse(backends: _ => [new Compaction.NotingBackend()]);
        var seen = await house.RunAsync(Talks.Request([.. Talks.Basket(), Talks.Trigger]), Soon.Token);
        var trace = house.Traces.Find(TenantId.Local, new ResponseId(seen.Id))!;
        AssertInOrder(trace, TraceStage.Queue, TraceStage.Match, TraceStage.Compact, TraceStage.Store);
        Assert.Equal("completed", trace.Outcome!.Outcome);
    }

    /// <summary>These stages and no others, none before the one that it follows.</summary>
    private static void AssertInOrder(TurnTrace trace, params TraceStage[] stages)
    {
        var spans = trace.Spans();
        Assert.Equal(stages, spans.Select(span => span.Stage));
        foreach (var (before, next) in spans.Zip(spans.Skip(1))) Assert.True(before.To <= next.From, $"{before} is not before {next}.");
    }

    private static void AssertInOrder(TraceReport trace, params string[] stages) =>
        Assert.Equal(stages, trace.Spans.Select(span => span.Stage));

    private static int Milliseconds(long ticks) => (int)TimeSpan.FromTicks(ticks).TotalMilliseconds; // of a ManualTime

    internal static async Task<TraceReport> TraceAsync(RunningServer server, string id) =>
        TraceClient.Read(await server.Http.GetByteArrayAsync($"/v1/samovar/trace/{id}", Soon.Token))!;

    /// <summary>Its trace once it has ended: that is just behind its last event.</summary>
    internal static async Task<TraceReport> EndedTraceAsync(RunningServer server, string id)
    {
        var late = Soon.Token;
        while (true)
        {
            late.ThrowIfCancellationRequested();
            if (await TraceAsync(server, id) is { Status: "ended" } trace) return trace;
            await Task.Yield();
        }
    }
}
